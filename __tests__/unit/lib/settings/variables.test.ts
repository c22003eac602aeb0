import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { KNOWN_VARIABLES, refuseMisspelt } from "../../../../lib/settings/misspelt.js";
import { KEPT_VARIABLES } from "../../../../lib/settings/table.js";
import { readCatalogFolder, readSettings } from "../../../../lib/settings.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-variables-"));
afterAll(() => rmSync(folder, { recursive: true }));

const state = { ROLLCALL_CONFIG: "none", ROLLCALL_STATE: join(folder, "state") };

/** What the refusal of these variables says; "" where they are taken. */
function refusalOf(env: Readonly<Record<string, string>>): string {
  try {
    refuseMisspelt(env);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each([
  ["ROLLCALL_SERVER", "ROLLCALL_SERVERS"],
  ["ROLLCALL_SERVERSS", "ROLLCALL_SERVERS"],
  ["ROLLCALL_NETWORK", "ROLLCALL_NETWORKS"],
  ["ROLLCALL_CATALOGUE", "ROLLCALL_CATALOG"],
  ["ROLLCALL_BACKUP_INTERVAL", undefined],
  ["ROLLCALL_BACKUP_RECIPIENTS", "ROLLCALL_BACKUP_RECIPIENT"],
  ["ROLLCALL_HTTP_PORTS", "ROLLCALL_HTTP_PORT"],
  ["ROLLCALL_servers", "ROLLCALL_SERVERS"],
  ["ROLLCALL_XYZ", undefined],
  ["ROLCALL_SERVERS", "ROLLCALL_SERVERS"],
  ["ROLL_CALL_SERVERS", "ROLLCALL_SERVERS"],
  ["rollcall_networks", "ROLLCALL_NETWORKS"],
])("%s is refused, and %s is what was meant", (name, meant) => {
  const message = `There is no setting ${name}${meant === undefined ? "" : `: did you mean ${meant}?`}`;
  expect(refusalOf({ [name]: "5" })).toBe(message);
});

test("every misspelt variable is told at once, and no value is shown", () => {
  const said = refusalOf({ ROLLCALL_SERVER: "5", ROLLCALL_BACKUP_IDENTITI: "AGE-SECRET-KEY-1" });
  expect(said.split("\n")).toHaveLength(2);
  expect(said).not.toContain("AGE-SECRET-KEY-1");
});

test("an empty variable, one of another program and every known one are taken", () => {
  expect(refusalOf({ ROLLCALL_SERVER: "", ROLL_CALL_TOKEN: "x", ROLLUP_SERVERS: "x", CDKTF_OUTDIR: "x" })).toBe("");
  expect(refusalOf(Object.fromEntries([...KNOWN_VARIABLES].map((name) => [name, "x"])))).toBe("");
});

test("whoever reads the settings, or the catalog's folder alone, is refused before a state folder is made", () => {
  const wrong = { ...state, ROLLCALL_SERVER: "5" };
  expect(() => readSettings(wrong)).toThrow("did you mean ROLLCALL_SERVERS?");
  expect(() => readCatalogFolder(wrong)).toThrow("did you mean ROLLCALL_SERVERS?");
  expect(existsSync(state.ROLLCALL_STATE)).toBe(false);
});

test("the value that says a default out loud gives the settings that no variable gives", () => {
  const { serversSet: _, ...usual } = readSettings(state);
  expect(readSettings({ ...state, ...KEPT_VARIABLES })).toEqual({ ...usual, serversSet: true });
});

test("every variable that stands anywhere in this repository is known", () => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
    .toString()
    .split("\0")
    .filter((file) => file !== "" && existsSync(file) && !file.endsWith("settings/variables.test.ts"));
  const found = files.flatMap((file) =>
    [...readFileSync(resolve(file), "utf8").matchAll(/\bROLLCALL_[A-Z_]*[A-Z]\b/g)].map(([name]) => name),
  );
  expect(found.length).toBeGreaterThan(100);
  // The one that stands for a misspelt one, in texts and tests.
  expect([...new Set(found)].filter((name) => !KNOWN_VARIABLES.has(name))).toEqual(["ROLLCALL_SERVER"]);
});
