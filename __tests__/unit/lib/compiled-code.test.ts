import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(".");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-compiled-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const planted = () => readdirSync(folder).includes("planted");
const code = () => `process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(join(folder, "planted"))}, "");`;

/** Has a program keep what it compiled in `folder`, as it does by itself, and puts code of somebody else's into it. */
function plant(args: readonly string[], env: Readonly<Record<string, string>>): number {
  const caching = { ...process.env, ...env, TMPDIR: folder };
  expect(spawnSync(process.execPath, args, { cwd: ROOT, env: caching, encoding: "utf8" })).toMatchObject({ status: 0 });
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /tsx-|\.map$|jest/.test(name),
  );
  let count = 0;
  for (const name of files) {
    const file = join(folder, name);
    try {
      const text = readFileSync(file, "utf8");
      if (!/^\{"code":/.test(text)) continue;
      const compiled = JSON.parse(text);
      writeFileSync(file, JSON.stringify({ ...compiled, code: code() + compiled.code }));
      count++;
    } catch {}
  }
  return count;
}

test("what somebody put into the temporary folder runs in no verb and in no synth by plain cdktf", () => {
  const { app } = JSON.parse(readFileSync("cdktf.json", "utf8"));
  const synth = { ROLLCALL_STATE: join(folder, "state"), CDKTF_OUTDIR: join(folder, "out") };
  // tsx as it comes, in the temporary folder.
  for (const file of ["ops/main.ts", "main.ts"])
    expect(
      plant(["--import", "tsx", file, ...(file === "main.ts" ? [] : ["--help"])], { ...synth, TSX_DISABLE_CACHE: "" }),
    ).toBeGreaterThan(0);
  const env = { ...process.env, ...synth, TMPDIR: folder, TSX_DISABLE_CACHE: "" };
  const bare = spawnSync(process.execPath, ["--import", "tsx", "ops/main.ts", "--help"], { cwd: ROOT, env });
  expect({ status: bare.status, planted: planted() }).toEqual({ status: 0, planted: true });
  rmSync(join(folder, "planted"));

  for (const args of [
    ["ops/run.mjs", "catalog", "lint"],
    ["ops/run.mjs", "synth"],
  ]) {
    expect(spawnSync(process.execPath, args, { cwd: ROOT, env })).toMatchObject({ status: 0 });
    expect({ args, planted: planted() }).toEqual({ args, planted: false });
  }
  // What cdktf runs in a shell, without the type check before it.
  const [, run = ""] = app.split("npx tsc && ");
  expect(spawnSync("sh", ["-c", run], { cwd: ROOT, env })).toMatchObject({ status: 0 });
  expect(planted()).toBe(false);
}, 120_000);

test("a cache of ours that others may write to is not used, and the person's temporary folder stays theirs", () => {
  const clone = join(folder, "clone");
  mkdirSync(join(clone, "ops"), { recursive: true });
  mkdirSync(join(clone, "node_modules", "tsx"), { recursive: true });
  writeFileSync(join(clone, "ops", "tsx.mjs"), readFileSync("ops/tsx.mjs"));
  const tells = 'console.log(JSON.stringify([process.env.TMPDIR, process.env.TSX_DISABLE_CACHE ?? ""]));';
  writeFileSync(join(clone, "node_modules", "tsx", "package.json"), '{ "exports": "./tsx.mjs" }');
  writeFileSync(join(clone, "node_modules", "tsx", "tsx.mjs"), tells);
  writeFileSync(join(clone, "then.mjs"), tells);
  const cache = join(clone, "node_modules", ".cache", "rollcall");
  const run = () => {
    const env = { ...process.env, TMPDIR: folder, TSX_DISABLE_CACHE: "" };
    const { stdout } = spawnSync(
      process.execPath,
      ["--import", join(clone, "ops", "tsx.mjs"), join(clone, "then.mjs")],
      { env, encoding: "utf8" },
    );
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  expect(run()).toEqual([
    [cache, ""],
    [folder, "1"],
  ]);
  spawnSync("chmod", ["777", cache]);
  expect(run()).toEqual([
    [folder, "1"],
    [folder, "1"],
  ]);
  rmSync(cache, { recursive: true });
  writeFileSync(cache, "");
  expect(run()).toEqual([
    [folder, "1"],
    [folder, "1"],
  ]);
});

test("Jest keeps what it compiled in the clone, with each of our configurations", () => {
  const ours = ["jest.config.js", "jest.e2e.config.js", "jest.chaos.config.js"];
  const args = ["node_modules/jest/bin/jest.js", "--showConfig", "--projects", ...ours];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  const { configs }: { configs: { cacheDirectory: string }[] } = JSON.parse(stdout);
  const kept = join(ROOT, "node_modules", ".cache", "jest");
  expect(configs.map(({ cacheDirectory }) => cacheDirectory)).toEqual(ours.map(() => kept));
}, 60_000);
