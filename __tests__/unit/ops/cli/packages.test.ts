import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installPackages, isInstalled } from "../../../../ops/cli/packages.cjs";

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "rollcall-packages-"));
});
afterEach(() => rmSync(clone, { recursive: true }));

/** Ours, with what tsx compiled in the clone's own cache. */
const CACHING = { ...process.env, TSX_DISABLE_CACHE: "" };
const A = { version: "1.0.0", integrity: "sha512-a" };
const OPTIONAL = { version: "2.0.0", integrity: "sha512-b", optional: true };
const WANTED = { "": {}, discovery: {}, "node_modules/a": A, "node_modules/b": OPTIONAL };

/** A clone whose lock wants packages, where npm recorded these; each has its folder. */
function record(found: Readonly<Record<string, object>> | undefined, wanted: object = WANTED): string {
  const lock = JSON.stringify({ packages: wanted });
  writeFileSync(join(clone, "package-lock.json"), lock);
  for (const path of Object.keys(found ?? {})) mkdirSync(join(clone, path), { recursive: true });
  if (found !== undefined)
    writeFileSync(join(clone, "node_modules", ".package-lock.json"), JSON.stringify({ packages: found }));
  return lock;
}

test("packages that npm ci installed by hand are taken as they are, also without another platform's", () => {
  for (const found of [{ "node_modules/a": A }, { "node_modules/a": A, "node_modules/b": OPTIONAL }]) {
    expect(isInstalled(clone, record(found))).toBe(true);
    expect(installPackages(clone)).toBeUndefined();
  }
  expect(existsSync(join(clone, "node_modules", ".rollcall-lock"))).toBe(true);
});

test.each([
  ["nothing is recorded", undefined],
  ["one is missing", { "node_modules/b": OPTIONAL }],
  ["one has another version", { "node_modules/a": { ...A, version: "1.0.1" } }],
  ["one has another content", { "node_modules/a": { ...A, integrity: "sha512-x" } }],
  ["one is too many", { "node_modules/a": A, "node_modules/c": A }],
])("packages are installed where %s", (_, found) => {
  expect(isInstalled(clone, record(found))).toBe(false);
});

test("packages are installed where a folder of one was removed", () => {
  const lock = record({ "node_modules/a": A });
  rmSync(join(clone, "node_modules", "a"), { recursive: true });
  expect(isInstalled(clone, lock)).toBe(false);
});

/** A clone with our door in it, and an npm that only tells how it was called. */
function door(npm: string) {
  for (const file of ["ops", "lib", "package.json", "cdktf.json"])
    cpSync(resolve(file), join(clone, file), { recursive: true });
  record(undefined);
  const bin = join(clone, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npm"), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
  return (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [join(clone, "ops", "run.mjs"), ...args], {
      env: { PATH: `${bin}:/usr/bin:/bin`, ...env },
      encoding: "utf8",
      cwd: bin,
    });
}

test("npm ci makes what others may read, whatever the person's umask; help and a mistake install nothing", () => {
  const run = door(`mkdir -p ${clone}/node_modules && umask >${clone}/node_modules/called; exit 3`);
  for (const args of [["--help"], ["up", "--help"], ["statsu"], ["help", "statsu"], ["--version"]]) {
    run(args);
    expect(existsSync(join(clone, "node_modules"))).toBe(false);
  }
  const failed = run(["synth"]);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("npm ci failed.\nnpm says why above.");
  expect(readFileSync(join(clone, "node_modules", "called"), "utf8")).toMatch(/^0*22\n$/);
});

test("no package runs code of its own while it is installed, whatever npm is configured to", () => {
  const run = door(`mkdir -p ${clone}/node_modules && echo "$@" >${clone}/node_modules/called; exit 3`);
  run(["synth"], { npm_config_ignore_scripts: "false" });
  expect(readFileSync(join(clone, "node_modules", "called"), "utf8")).toMatch(/^ci --ignore-scripts /);
  // An `npm ci` by hand, in a workflow or in a clone of a test reads the project's own file.
  expect(readFileSync(".npmrc", "utf8").split("\n")).toContain("ignore-scripts=true");
  const tracked = spawnSync("git", ["ls-files", ".npmrc"], { encoding: "utf8" });
  expect(tracked.stdout.trim()).toBe(".npmrc");
});

test("a missing npm is named", () => {
  const run = door("exit 0");
  const ended = run(["synth"], { PATH: join(clone, "ops") });
  expect(ended.stderr).toContain("npm is not on your PATH");
});

test("a path on the command line begins where the person stands, a variable at the clone", () => {
  const here = mkdtempSync(join(tmpdir(), "rollcall-here-"));
  try {
    const env = { ...CACHING, ROLLCALL_STATE: join(here, "state") };
    const direct = (more: Readonly<Record<string, string | undefined>>, cwd: string) =>
      spawnSync(process.execPath, [resolve("ops/run.mjs"), "backup", "--new-key", "key"], {
        cwd,
        env: { ...env, ...more },
        encoding: "utf8",
      });
    expect(direct({ INIT_CWD: "/nowhere" }, here)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`ROLLCALL_BACKUP_IDENTITY=${join(here, "key")}`),
    });
    expect(statSync(join(here, "key")).mode & 0o777).toBe(0o600);
    // As npm starts it: in the clone, with the folder that it was called in.
    const byNpm = direct(
      { INIT_CWD: here, npm_package_json: resolve("package.json"), npm_lifecycle_event: "backup" },
      resolve("."),
    );
    expect(byNpm.stderr).toContain(`${join(here, "key")} exists already`);
    const named = spawnSync(process.execPath, [resolve("ops/run.mjs"), "catalog", "lint"], {
      cwd: here,
      env: { ...env, ROLLCALL_CATALOG: "service-catalog" },
      encoding: "utf8",
    });
    expect(named.stdout).toContain("no mistake");
  } finally {
    rmSync(here, { recursive: true });
  }
}, 60_000);

test("what the system refuses is a sentence, no stack trace", () => {
  const outdir = join(clone, "file");
  writeFileSync(outdir, "");
  const ended = spawnSync(process.execPath, [resolve("ops/run.mjs"), "synth"], {
    env: { ...CACHING, CDKTF_OUTDIR: outdir, ROLLCALL_STATE: join(clone, "state") },
    encoding: "utf8",
  });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toMatch(new RegExp(`^The folder ${outdir} cannot be used: `));
  expect(ended.stderr).not.toContain("    at ");
}, 60_000);
