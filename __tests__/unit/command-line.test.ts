import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readCommandLine } from "../../ops/command-line.cjs";
import { swallowedOption } from "../../ops/swallowed-options.cjs";
import { USAGES } from "../../ops/usages.cjs";

const RUN = resolve("ops/run.mjs");
const VERBS = Object.keys(USAGES);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-command-line-"));
  mkdirSync(join(folder, "empty"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Calls it where there is neither Docker nor npm nor anything else, and where each file that it made would show. */
function call(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: join(folder, "empty"),
    HOME: folder,
    TMPDIR: folder,
    ROLLCALL_STATE: join(folder, "state"),
    CDKTF_OUTDIR: join(folder, "out"),
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], {
    env,
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr, made: readdirSync(folder).filter((name) => name !== "empty") };
}

/** As many words as a verb takes, and one more. */
const SURPLUS = ["a", "b", "c"];

test.each(VERBS)(
  "%s refuses --dry-run, help and a surplus word, before it looks for Docker or touches a file",
  (verb) => {
    const schema = readFileSync("service-catalog/catalog.schema.json", "utf8");
    const { calls, trial } = USAGES[verb] ?? {};
    const called = `npm run ${calls?.[0]}`;
    for (const args of [["--dry-run"], ["help"], SURPLUS]) {
      const read = readCommandLine([verb, ...args], {});
      const refused = "refusal" in read ? `${read.refusal.message}\n${read.refusal.remedy}\n` : "";
      expect(refused).toMatch(/has no option --dry-run|takes no word "help"|does not take|knows no "a"|is empty/);
      expect(refused).toContain(args[0] === "--dry-run" ? (trial ?? called) : called);
      // What is read goes the same way for every argument: one start shows it.
      if (args === SURPLUS) expect(call([verb, ...args])).toEqual({ status: 1, stdout: "", stderr: refused, made: [] });
    }
    expect(readFileSync("service-catalog/catalog.schema.json", "utf8")).toBe(schema);
  },
);

test.each([["--dry-run"], ["help"]])("up %s reaches nothing either", (word) => {
  expect(call(["up", word])).toMatchObject({ status: 1, stdout: "", made: [] });
});

test.each([
  [[], "npm run VERB"],
  [["help"], "npm run VERB"],
  [["--help"], "npm run VERB"],
  [["-h"], "npm run VERB"],
  [["help", "down"], "npm run down -- [NAME] [--yes]"],
  [["up", "--help"], "npm run up"],
  [["down", "NAME", "-h"], "npm run down"],
  [["--version"], JSON.parse(readFileSync("package.json", "utf8")).version],
])("%j is answered without a package, and touches nothing", (args, expected) => {
  const { status, stdout, made } = call(args);
  expect({ status, made }).toEqual({ status: 0, made: [] });
  expect(stdout.startsWith(expected)).toBe(true);
});

test("a verb that is none is refused with the nearest, or with all", () => {
  expect(call(["statsu"]).stderr).toBe('There is no verb "statsu"\nDid you mean `status`?\n');
  expect(call(["hlep"]).stderr).toContain("Did you mean `help`?");
  expect(call(["help", "statsu"]).stderr).toContain("Did you mean `status`?");
  expect(call(["constructor"]).stderr).toContain(`The verbs are ${VERBS.join(", ")}.`);
});

test.each([
  [["help", "up", "down"], "`help VERB` does not take"],
  [["version", "up"], "`version` does not take"],
  [["up", "-n"], "`npm run diff` shows what it would change."],
])("%j is refused: no word is ignored, and who wants a trial gets no start", (args, expected) => {
  const { status, stderr } = call(args);
  expect(status).toBe(1);
  expect(stderr).toContain(expected);
});

test("a folder that is gone and an output that is full are reported, without a stack trace", () => {
  const gone = join(folder, "gone");
  const script = `mkdir "$1" && cd "$1" && rmdir "$1" && "$2" "$3" catalog lint; cd "$4"; "$2" "$3" catalog lint >/dev/full`;
  const { stderr } = spawnSync(
    "/bin/sh",
    ["-c", script, "sh", gone, process.execPath, join(process.cwd(), "ops", "run.mjs"), folder],
    { encoding: "utf8", env: { PATH: process.env.PATH, HOME: folder } },
  );
  expect(stderr).toMatch(/^The folder in which you stand is gone\.\nGo to another one/);
  expect(stderr).toMatch(/\nThe output cannot be written: .*ENOSPC.*\nGive it a place/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("backups are not listed as if none were scheduled where Docker is away", () => {
  const away = { DOCKER_HOST: "unix:///nonexistent.sock" };
  const { status, stderr, stdout } = call(["backup", "--list"], away);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^Docker .*, so the scheduled backups are not known\n/);
});

test("down without a terminal and without --yes is refused where something would be lost", () => {
  const state = join(folder, "state");
  mkdirSync(state);
  writeFileSync(join(state, "instance"), "mine-0001\n");
  // Docker knows one container of ours, one of somebody else's.
  const label = (name: string) => `"Labels":"rollcall.instance=${name}"`;
  writeFileSync(
    join(folder, "empty", "docker"),
    `#!/bin/sh\ncase $1 in version) echo 28 ;; ps) echo '{"ID":"1","Names":"consul-ui",${label("mine-0001")}}'; echo '{"ID":"2","Names":"x"}' ;; network|volume) [ $2 = ls ] || echo "$@" >>${folder}/removed ;; container) echo "$@" >>${folder}/removed ;; esac\n`,
    { mode: 0o755 },
  );
  const refused = call(["down"]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("This removes the platform mine-0001: 1 container, 0 volumes, 0 networks.");
  expect(refused.stderr).toContain("Nobody is there to answer, so nothing was changed\n");
  expect(refused.stderr).toContain("run `npm run down -- --yes`");
  expect(refused.made).not.toContain("removed");
  expect(call(["down", "nobody-0000", "--yes"]).stderr).toContain('No platform "nobody-0000" is on this Docker host');
  // By its own name, and by that of a clone that is gone.
  for (const args of [["mine-0001"], ["mine-0001", "--yes"]]) {
    const ended = call(["down", ...args], { ROLLCALL_STATE: join(folder, "other") });
    expect(ended.status).toBe(args.length - 1 === 1 ? 0 : 1);
  }
  expect(readFileSync(join(folder, "removed"), "utf8")).toBe("container rm --force --volumes 1\n");
}, 60_000);

describe("an option that npm took for its own", () => {
  const npm = { npm_lifecycle_event: "status" };
  const took = (verb: string, options: readonly string[], env: Record<string, string>) =>
    swallowedOption(verb, options, { ...npm, ...env })?.message;

  test("is refused with the right spelling, also one that the verb does not have", () => {
    const refusal = swallowedOption("status", ["json"], { ...npm, npm_config_json: "true" });
    expect(refusal?.message).toBe("npm took --json for itself, and `status` never saw it");
    expect(refusal?.remedy).toContain("`npm run status -- --json`");
    const trial = swallowedOption("up", [], { ...npm, npm_config_dry_run: "true" });
    expect(trial?.message).toBe("`up` has no option --dry-run, and npm took it for itself");
    expect(trial?.remedy).toBe("`npm run diff` shows what it would change.");
    expect(took("rotate", ["finish"], { npm_config_finish: "true" })).toContain("--finish");
    expect(took("backup", ["new-key"], { npm_config_new_key: "true" })).toContain("--new-key");
  });

  test("is none where npm's own configuration has it, or where it was not npm that started the verb", () => {
    const userconfig = join(folder, "npmrc");
    writeFileSync(userconfig, "audit=false\njson = true\n");
    expect(took("status", ["json"], { npm_config_json: "true", npm_config_userconfig: userconfig })).toBeUndefined();
    expect(took("status", ["json"], { npm_config_json: "true", NPM_CONFIG_JSON: "true" })).toBeUndefined();
    expect(swallowedOption("status", ["json"], { npm_config_json: "true" })).toBeUndefined();
  });

  test("is none where it is off, or where it answers a question that is asked all the same", () => {
    expect(took("status", ["json"], { npm_config_json: "", npm_config_dry_run: "false" })).toBeUndefined();
    expect(took("down", ["yes"], { npm_config_yes: "true" })).toBeUndefined();
    expect(took("up", [], { npm_config_loglevel: "silent", npm_config_audit: "false" })).toBeUndefined();
  });
});
