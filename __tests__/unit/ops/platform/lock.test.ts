import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { startByPs, startOf } from "../../../../lib/process-start.js";
import { withPlatformLock } from "../../../../ops/platform/lock.js";

let folder: string;
let state: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
  state = join(folder, "state");
  lock = `${state}.lock`;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Takes the lock, and gives what stands in it meanwhile. */
const taken = () => withPlatformLock(state, "down", async () => readFileSync(lock, "utf8"));
const ours = expect.stringMatching(new RegExp(`^${process.pid} down \\S+ \\S+$`));

test("the second of two runs is refused with the name of the first, and the first is not disturbed", async () => {
  await withPlatformLock(state, "up", async () => {
    await expect(withPlatformLock(state, "down", async () => {})).rejects.toMatchObject({
      message: `\`npx rollcall up\` (process ${process.pid}) is running on this platform`,
      remedy: "Wait until it has ended, or end it, and run this again.",
    });
    expect(existsSync(lock)).toBe(true);
  });
  expect(existsSync(lock)).toBe(false);
});

// No process has this number: it is above the largest that Linux gives.
test("a lock whose process is gone does not count", async () => {
  writeFileSync(lock, `4194305 up ${await startOf(process.pid)} id`);
  await expect(taken()).resolves.toEqual(ours);
  expect(readdirSync(folder)).toEqual([]);
});

describe("a stranger that has the number of a run that ended", () => {
  test("does not keep its lock after a reboot: it started under another boot", async () => {
    const [, ticks] = (await startOf(1))?.split(":") ?? [];
    writeFileSync(lock, `1 up 00000000-0000-0000-0000-000000000000:${ticks} id`);
    await expect(taken()).resolves.toEqual(ours);
  });

  test("does not keep it without a reboot: it started later", async () => {
    writeFileSync(lock, `${process.pid} up ${(await startOf(process.pid))?.replace(/\d+$/, "7")} id`);
    await expect(taken()).resolves.toEqual(ours);
  });

  test("does not keep a lock of an older Rollcall, which has the number alone", async () => {
    writeFileSync(lock, "1 up");
    await expect(taken()).resolves.toEqual(ours);
  });
});

test("a lock whose process lives counts, also where another run made it", async () => {
  const other = spawn("sleep", ["60"]);
  try {
    writeFileSync(lock, `${other.pid} restore ${await startOf(other.pid ?? 0)} id`);
    await expect(taken()).rejects.toMatchObject({
      message: expect.stringMatching(/`npx rollcall restore` \(process \d+\)/),
    });
    other.kill("SIGKILL");
    await once(other, "exit");
    await expect(taken()).resolves.toEqual(ours);
  } finally {
    other.kill("SIGKILL");
  }
});

test.each([
  ["garbage", "up up up"],
  ["zero bytes", ""],
  ["the number of nobody", "0 up x id"],
  ["all", "-1 up x id"],
])("%s in its place is no lock", async (_, text) => {
  writeFileSync(lock, text);
  await expect(taken()).resolves.toEqual(ours);
});

test.each(["a file", "nothing"])("a symbolic link to %s in its place is removed, and not followed", async (target) => {
  const elsewhere = join(folder, "elsewhere");
  const text = `${process.pid} up ${await startOf(process.pid)} id`;
  if (target === "a file") writeFileSync(elsewhere, text);
  symlinkSync(elsewhere, lock);
  await withPlatformLock(state, "down", async () => expect(lstatSync(lock).isFile()).toBe(true));
  expect(existsSync(elsewhere) ? readFileSync(elsewhere, "utf8") : "nothing").toBe(target === "a file" ? text : target);
});

test("what killed runs left beside the lock is removed", async () => {
  for (const name of ["after-0011223344556677", "draft-1"]) writeFileSync(`${lock}.${name}`, "4194305 up x id");
  await taken();
  expect(readdirSync(folder)).toEqual([]);
});

test("a run that fails leaves no lock behind", async () => {
  const failing = withPlatformLock(state, "up", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(existsSync(lock)).toBe(false);
});

test("two platforms do not wait for each other", async () => {
  const both = withPlatformLock(join(folder, "one"), "up", () =>
    withPlatformLock(join(folder, "two"), "up", async () => "both"),
  );
  await expect(both).resolves.toBe("both");
});

test("ps, which macOS has in the place of /proc, tells the start of a process, and when it is gone", async () => {
  const other = spawn("sleep", ["60"]);
  const pid = other.pid ?? 0;
  try {
    const start = await startByPs(pid);
    expect(start).toMatch(/^[A-Z][a-z]{2}_[A-Z][a-z]{2}_\d+_\d\d:\d\d:\d\d_\d{4}$/);
    await expect(startByPs(pid)).resolves.toBe(start);
  } finally {
    other.kill("SIGKILL");
  }
  await once(other, "exit");
  await expect(startByPs(pid)).resolves.toBe("gone");
});

describe("many processes that all find a dead lock", () => {
  const PROCESSES = 6;
  const ROUNDS = 150;
  let contenders: readonly ChildProcess[];
  let programs: string;

  beforeAll(async () => {
    programs = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
    // Compiled once for all of them.
    const program = join(programs, "contender.cjs");
    const entryPoints = [join(import.meta.dirname, "../../../support/lock-contender.ts")];
    buildSync({ entryPoints, bundle: true, platform: "node", target: "node20", outfile: program });
    contenders = Array.from({ length: PROCESSES }, () => fork(program, { execArgv: [] }));
    await Promise.all(contenders.map((each) => once(each, "message")));
  }, 60_000);
  afterAll(() => {
    for (const each of contenders) each.disconnect();
    rmSync(programs, { recursive: true });
  });

  test("exactly one enters, each time", async () => {
    const entered: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const place = join(folder, String(round));
      writeFileSync(`${place}.lock`, "4194305 up");
      const answers = contenders.map((each) => once(each, "message").then(([word]) => ({ each, word })));
      for (const each of contenders) each.send({ state: place });
      const inside = (await Promise.all(answers)).filter(({ word }) => word === "entered");
      entered.push(inside.length);
      const left = inside.map(({ each }) => once(each, "message"));
      for (const { each } of inside) each.send({});
      await Promise.all(left);
    }
    expect(entered).toEqual(Array(ROUNDS).fill(1));
  }, 60_000);
});
