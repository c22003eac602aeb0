import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { swallowedOption } from "../../../../ops/cli/swallowed-options.cjs";

const RUN = resolve("ops/run.mjs");

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

test.each([["--dry-rnu"], ["a", "b", "c"]])(
  "no verb takes %j, and none looks for Docker or touches a file before it says so",
  (...words) => {
    for (const verb of ["up", "synth"])
      expect(call([verb, ...words])).toMatchObject({
        status: 64,
        stdout: "",
        stderr: expect.stringMatching(/^(Unknown (option|command)|Too many arguments).*\n.*Run `npx rollcall/),
        made: [],
      });
  },
  60_000,
);

test.each([
  [[], "Usage: rollcall [options] VERB"],
  [["help"], "Usage: rollcall [options] VERB"],
  [["--help"], "Usage: rollcall [options] VERB"],
  [["-h"], "Usage: rollcall [options] VERB"],
  [["help", "version"], "Usage: rollcall [options] VERB"],
  [["help", "down"], "Usage: rollcall down [options] [platform]"],
  [["help", "catalog", "lint"], "Usage: rollcall catalog lint"],
  [["up", "--help"], "Usage: rollcall up"],
  [["catalog", "show", "--help"], "Usage: rollcall catalog show"],
  [["down", "NAME", "-h"], "Usage: rollcall down"],
  [["--config", "x.yaml", "status", "-h"], "Usage: rollcall status"],
  [["--version"], JSON.parse(readFileSync("package.json", "utf8")).version],
])("%j is answered without a package, and touches nothing", (args, expected) => {
  const { status, stdout, made } = call(args);
  expect({ status, made }).toEqual({ status: 0, made: [] });
  expect(stdout.startsWith(expected)).toBe(true);
});

test("the settings file may be named before the verb, and is no verb", () => {
  expect(call(["--config", "nowhere.yaml", "catalog", "lint"])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^.*nowhere\.yaml/),
  });
});

test("a verb that is none is refused with the nearest", () => {
  const help = "Run `npx rollcall help`.";
  expect(call(["statsu"])).toMatchObject({
    status: 64,
    stderr: `There is no verb "statsu"\nDid you mean \`status\`? ${help}\n`,
  });
  expect(call(["hlep"]).stderr).toContain("Did you mean `help`?");
  expect(call(["help", "statsu"]).stderr).toContain("Did you mean `status`?");
  expect(call(["statsu", "--help"]).stderr).toContain("Did you mean `status`?");
  expect(call(["constructor"]).stderr).toBe(`There is no verb "constructor"\n${help}\n`);
});

describe("a project", () => {
  const script = (where: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], {
      cwd: where,
      env: { PATH: process.env.PATH, HOME: folder, ROLLCALL_STATE: join(folder, "state"), ...env },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };

  test("is found from a folder below it", () => {
    const project = join(folder, "project");
    mkdirSync(join(project, "service-catalog", "deep"), { recursive: true });
    writeFileSync(join(project, "cdktf.json"), "{}");
    writeFileSync(
      join(project, "service-catalog", "team.yaml"),
      'team: demo\ndefaults: { address: "isa-{name}", check: { kind: none, reason: a test } }\nservices:\n  one: { port: 80 }\n',
    );
    const { stdout, stderr } = script(join(project, "service-catalog", "deep"), ["catalog", "lint"]);
    expect({ stdout, stderr }).toEqual({ stdout: "1 service of 1 team, no mistake\n", stderr: "" });
  });

  test("is the clone for whoever stands elsewhere and calls its executable", () => {
    expect(script(folder, ["catalog", "lint"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("no mistake"),
    });
  });
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
  expect(refused.stderr).toContain("run `npx rollcall down --yes`");
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
    expect(refusal?.remedy).toContain("`npx rollcall status --json`");
    const trial = swallowedOption("up", [], { ...npm, npm_config_dry_run: "true" });
    expect(trial?.message).toBe("`up` has no option --dry-run, and npm took it for itself");
    expect(trial?.remedy).toBe("Run `npx rollcall up --help`.");
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
