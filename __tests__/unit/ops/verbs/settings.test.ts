import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inFile, renderSettingsFile } from "../../../../lib/settings/settings-yaml.js";
import { declarationOf, isInFile, KEPT_VARIABLES, KEYS } from "../../../../lib/settings/table.js";
import { givenVariables, readSettings } from "../../../../lib/settings.js";
import { UserError } from "../../../../lib/user-error.js";
import { forgottenOf } from "../../../../ops/platform/forgotten.js";
import { offerSettingsFile, settingsToWrite, writeSettings } from "../../../../ops/platform/write-settings.js";
import { fileExports } from "../../../../ops/verbs/env.js";
import { renderSettingsTable, shownSettings } from "../../../../ops/verbs/settings.js";

const before = process.cwd();
let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-write-")));
  process.chdir(project);
});
afterEach(() => {
  process.chdir(before);
  rmSync(project, { recursive: true });
});

/** Of one setting: its value, and where it is from. */
function told(name: string, env: Readonly<Record<string, string>> = {}): readonly unknown[] {
  const found = shownSettings(env).find((each) => each.name === name);
  return [found?.value, found?.from];
}

describe("rollcall settings", () => {
  test("tells each value and where it is from: variable, file with line, default", () => {
    writeFileSync("rollcall.yaml", "consul:\n  servers: 5\nports: { http: 8600 }\n");
    const env = { ROLLCALL_HTTP_PORT: "8700", ROLLCALL_NETWORKS: "one,two" };
    expect(told("consul.servers", env)).toEqual(["5", "rollcall.yaml:2"]);
    expect(told("ports.http", env)).toEqual(["8700", "ROLLCALL_HTTP_PORT"]);
    expect(told("services.networks", env)).toEqual(["one,two", "ROLLCALL_NETWORKS"]);
    expect(told("services.workloads", env)).toEqual(["on", "default"]);
    expect(told("docker.images", env)).toEqual([null, "default"]);
  });

  test("tells every setting, also those of a run and a machine, and makes no state folder", () => {
    const names = shownSettings({}).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(KEYS.map((key) => declarationOf(key).name)));
    expect(told("allow", { ROLLCALL_ALLOW: "ca" })).toEqual(["ca", "ROLLCALL_ALLOW"]);
    expect(told("docker.host", { DOCKER_HOST: "tcp://one:2375" })).toEqual(["tcp://one:2375", "DOCKER_HOST"]);
    expect(existsSync("state")).toBe(false);
  });

  test("never shows how the state is encrypted", () => {
    const env = { TF_ENCRYPTION: 'key_provider "pbkdf2" "x" { passphrase = "GEHEIM" }' };
    expect(told("state.encryption", env)).toEqual(["set, not shown", "TF_ENCRYPTION"]);
    expect(JSON.stringify(shownSettings(env))).not.toContain("GEHEIM");
  });

  test("never shows a secret key that is given in the place of its file's path", () => {
    const env = { ROLLCALL_BACKUP_IDENTITY: "AGE-SECRET-KEY-1GEHEIM" };
    expect(() => shownSettings(env)).toThrow(/^ROLLCALL_BACKUP_IDENTITY is a secret key$/);
  });

  test("is a table with a line a setting", () => {
    const [head, first, ...more] = renderSettingsTable(shownSettings({})).split("\n");
    expect(head).toMatch(/^setting +value +from$/);
    expect(first).toMatch(/^catalog +service-catalog +default$/);
    expect(more).toHaveLength(shownSettings({}).length - 1);
  });
});

describe("the settings file that is written", () => {
  test("says what the variables say: read back, it gives the same settings", () => {
    const variables = {
      ...KEPT_VARIABLES,
      ...{ ROLLCALL_SERVERS: "5", ROLLCALL_NETWORKS: "one,two", ROLLCALL_WORKLOADS: "off", ROLLCALL_PREFIX: "two-" },
      ...{ ROLLCALL_BACKUP_EVERY: "6h", ROLLCALL_BACKUP_RECIPIENT: "age1one", ROLLCALL_HTTP_HOSTS: "a.example.com" },
      ...{ ROLLCALL_STATE: "own/state", ROLLCALL_TERRAFORM: "tofu", ROLLCALL_CATALOG: "it's: a #folder" },
    };
    const byVariables = readSettings(variables);
    writeFileSync("rollcall.yaml", renderSettingsFile(inFile(variables)));
    expect(readSettings({})).toEqual(byVariables);
    expect(givenVariables({})).toEqual(givenVariables({ ROLLCALL_CONFIG: "none", ...variables }));
  });

  test("begins with its schema, and has a comment before each setting", () => {
    expect(renderSettingsFile(inFile({ ROLLCALL_SERVERS: "5", ROLLCALL_CATALOG: "teams" }))).toBe(
      [
        "# yaml-language-server: $schema=./rollcall.schema.json",
        "# The settings of this platform. docs/reference/settings.md describes every one; its variable goes before the file.",
        "",
        "# Folder of the catalog's *.yaml files",
        "catalog: teams",
        "# Consul's servers and agents",
        "consul:",
        "  # Number of Consul servers: 1, 3 or 5. It can change at any time, but never back to 1",
        "  servers: 5",
        "",
      ].join("\n"),
    );
  });

  test("has what is set and what the last up had, the first before the second; nothing of a run or a machine", () => {
    const env = { ROLLCALL_SERVERS: "3", ROLLCALL_STATE: "own", ROLLCALL_ALLOW: "ca", ROLLCALL_ENGINE: "never" };
    const recorded = { ROLLCALL_SERVERS: "5", ROLLCALL_NETWORKS: "one", ROLLCALL_SERVER: "x" };
    const settings = settingsToWrite(recorded, env);
    expect(Object.fromEntries(settings)).toEqual({ servers: 3, networks: ["one"], stateFolder: "own" });
    expect([...settings.keys()].every((key) => isInFile(declarationOf(key)))).toBe(true);
  });

  test("is written once, tells what it makes needless, and never overwrites", () => {
    const env = { ROLLCALL_SERVERS: "5" };
    expect(writeSettings({ ROLLCALL_NETWORKS: "one" }, env)).toBe(
      "wrote rollcall.yaml with 2 settings\nIt makes these needless: unset ROLLCALL_SERVERS",
    );
    const text = readFileSync("rollcall.yaml", "utf8");
    expect(() => writeSettings({}, env)).toThrow("rollcall.yaml exists already and was not changed");
    expect(readFileSync("rollcall.yaml", "utf8")).toBe(text);
  });

  test("fails: where another file is named, it is not known which one is meant", () => {
    expect(() => writeSettings({}, { ROLLCALL_CONFIG: "none" })).toThrow(UserError);
    expect(existsSync("rollcall.yaml")).toBe(false);
  });
});

describe("up, without a terminal, on a platform that was set up by variables", () => {
  const record = { settings: { ROLLCALL_SERVERS: "5" }, containers: [] };
  const env = { ROLLCALL_SERVERS: "5" };
  let said: string[];
  beforeEach(() => {
    said = [];
    jest.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => jest.restoreAllMocks());

  test("says in one line how a settings file is written, and writes none", async () => {
    expect(await offerSettingsFile(record, env)).toBe(false);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("`npx rollcall settings --write` writes them into rollcall.yaml");
    expect(existsSync("rollcall.yaml")).toBe(false);
  });

  test.each([
    ["there is no record", undefined, env],
    ["no variable was set", { settings: {}, containers: [] }, env],
    ["a file is named, or none is wanted", record, { ...env, ROLLCALL_CONFIG: "none" }],
    ["a variable is missing: the refusal says it", record, {}],
  ])("says nothing where %s", async (_, given, variables) => {
    expect(await offerSettingsFile(given, variables)).toBe(false);
    expect(said).toEqual([]);
  });

  test("says nothing where a settings file is there", async () => {
    writeFileSync("rollcall.yaml", "consul: { servers: 5 }\n");
    expect(await offerSettingsFile(record, env)).toBe(false);
    expect(said).toEqual([]);
  });
});

describe("up, at a terminal, on a platform that was set up by variables", () => {
  const record = { settings: { ROLLCALL_SERVERS: "5", ROLLCALL_NETWORKS: "one" }, containers: [] };
  const offer = (answer: boolean) => offerSettingsFile(record, { ROLLCALL_SERVERS: "5" }, async () => answer);
  beforeEach(() => {
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    jest.spyOn(console, "error").mockReturnValue(undefined);
  });
  afterEach(() => jest.restoreAllMocks());

  test("writes the file at a yes, and nothing is forgotten any more", async () => {
    expect(await offer(true)).toBe(true);
    expect(forgottenOf(record.settings, givenVariables({}))).toEqual([]);
    expect([readSettings({}).servers, readSettings({}).networks]).toEqual([5, ["one"]]);
  });

  test("writes nothing at a no", async () => {
    expect(await offer(false)).toBe(false);
    expect(existsSync("rollcall.yaml")).toBe(false);
  });
});

test("plain cdktf is told another settings file and the folder of its stacks, and of the project's own nothing", () => {
  expect(fileExports("/out", {})).toEqual({});
  expect(fileExports("/out", { ROLLCALL_CONFIG: "staging.yaml" })).toEqual({
    ROLLCALL_CONFIG: join(project, "staging.yaml"),
    CDKTF_OUTDIR: "/out",
    CDKTF_OUTPUT: "/out",
  });
  expect(fileExports("/out", { ROLLCALL_CONFIG: "none" }).ROLLCALL_CONFIG).toBe("none");
});
