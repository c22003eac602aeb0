import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments } from "../../ops/options";
import { warning } from "../../ops/token";
import { help, helpOfAll, howTo, USAGES } from "../../ops/usage";

const scripts: Record<string, string> = JSON.parse(readFileSync("package.json", "utf8")).scripts;
const verbs = new Set(Object.values(scripts).flatMap((script) => /^node ops\/run\.mjs (\S+)/.exec(script)?.[1] ?? []));

test("every verb that npm starts says how it is called, and no other does", () => {
  expect(Object.keys(USAGES).sort()).toEqual([...verbs].sort());
});

test("each way to call a verb begins with its name, and what it does is one line", () => {
  for (const [verb, { calls, does }] of Object.entries(USAGES)) {
    expect(calls.filter((call) => !new RegExp(`^(-s )?${verb}( -- |$)`).test(call))).toEqual([]);
    expect(does).not.toMatch(/\n|\.$/);
  }
});

test("help names the calls, what comes of it and more; all verbs have a line", () => {
  expect(help("synth")).toBe("npm run synth\n\nwrites every stack for Terraform, changes nothing.");
  expect(help("diff")).toContain("--against REF: ");
  expect(helpOfAll().split("\n")).toHaveLength(Object.keys(USAGES).length + 2);
});

test("a verb that is none is refused, and a mistake is answered with the call", () => {
  expect(() => help("statsu")).toThrow('There is no verb "statsu"');
  expect(howTo("down")).toBe("Say `npm run down` or `npm run down -- NAME`.");
});

test("asking for help touches nothing: not even a state folder is made", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-help-"));
  const state = join(folder, "state");
  const env = { ...process.env, ROLLCALL_STATE: state, CDKTF_OUTDIR: join(folder, "out") };
  for (const args of [["--help"], ["up", "--help"], ["down", "NAME", "-h"]]) {
    const ended = spawnSync(process.execPath, ["ops/run.mjs", ...args], { env, encoding: "utf8" });
    expect({ args, code: ended.status, said: ended.stdout.slice(0, 7) }).toEqual({ args, code: 0, said: "npm run" });
  }
  expect([state, join(folder, "out")].filter((each) => existsSync(each))).toEqual([]);
  rmSync(folder, { recursive: true });
}, 60_000);

test("arguments are values, flags and words; what is not known is refused with the usage", () => {
  const takes = { named: ["tail"], flags: ["follow"], others: 1 };
  const asked = readArguments(["agent", "--tail", "5", "--follow"], "Say it.", takes);
  expect([asked.named.get("tail"), asked.flags.has("follow"), asked.others]).toEqual(["5", true, ["agent"]]);
  expect(readArguments([], "Say it.", takes).flags.has("follow")).toBe(false);
  expect(() => readArguments(["--tial", "5"], "Say it.", takes)).toThrow("Unknown option '--tial'");
  expect(() => readArguments(["agent", "too"], "Say it.", takes)).toThrow('"too" says nothing here');
});

test("whoever shows a token is told how to pass it on unseen", () => {
  expect(warning("operator")).toContain('export CONSUL_HTTP_TOKEN="$(npm run -s token -- operator)"');
  expect(warning("operator")).toContain("umask 077");
});
