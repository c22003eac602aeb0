import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailed, run } from "../../../lib/process.js";
import { keyOf } from "../../../provision/cache.js";
import { withLock } from "../../../provision/lock.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-process-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const shell = (script: string, options = {}) => run("sh", ["-c", script], options);

test("a command's outputs come back apart, and its lines as they are written", async () => {
  const lines: string[] = [];
  const result = await shell("echo out; echo err >&2", { onLine: (line: string) => lines.push(line) });
  expect(result).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect(lines.sort()).toEqual(["err", "out"]);
});

test("a secret goes in by standard input, and a command that reads none does not mind", async () => {
  expect((await shell("cat", { input: "secret" })).stdout).toBe("secret");
  await expect(shell("true", { input: "x".repeat(1_000_000) })).resolves.toBeDefined();
});

test("standard input that is kept open ends with the command, and no earlier", async () => {
  expect((await shell("head -n 1", { input: "one\ntwo\n", keepInputOpen: true })).stdout).toBe("one\n");
  const waiting = shell("cat", { input: "one\n", keepInputOpen: true, timeoutSeconds: 0.3 });
  await expect(waiting).rejects.toMatchObject({ reason: "timeout", lines: ["one"] });
});

test("a command that fails throws with its exit code and its last lines", async () => {
  const failure = shell("echo working; echo broken >&2; exit 3");
  await expect(failure).rejects.toMatchObject({ reason: "exit", exitCode: 3 });
  await expect(failure).rejects.toThrow(/exit code 3\n(.|\n)*broken/);
});

test("a command that is not installed says so", async () => {
  await expect(run("rollcall-no-such-program", [])).rejects.toMatchObject({
    reason: "missing",
    message: expect.stringContaining("is not installed"),
  });
});

test("a command that takes too long is ended", async () => {
  await expect(run("sleep", ["30"], { timeoutSeconds: 0.1 })).rejects.toMatchObject({ reason: "timeout" });
});

test("a command is ended when the person interrupts, and is not begun after that", async () => {
  const interrupt = new AbortController();
  const failure = run("sleep", ["30"], { signal: interrupt.signal });
  setTimeout(() => interrupt.abort(), 50);
  await expect(failure).rejects.toMatchObject({ reason: "aborted" });
  await expect(run("true", [], { signal: interrupt.signal })).rejects.toBeInstanceOf(CommandFailed);
});

test("a child that a command leaves behind does not hold it up", async () => {
  const start = Date.now();
  expect((await shell("sleep 20 & echo done")).stdout).toBe("done\n");
  expect(Date.now() - start).toBeLessThan(10_000);
});

test("two runs never prepare at the same time: the second waits and says for whom", async () => {
  const folder = mkdtempSync(join(scratch, "lock-"));
  const order: string[] = [];
  const shown: string[] = [];
  const first = withLock(
    folder,
    () => {},
    async () => {
      order.push("first begins");
      await sleep(300);
      order.push("first ends");
    },
  );
  const second = withLock(
    folder,
    (line) => shown.push(line),
    async () => {
      order.push("second");
    },
  );
  await Promise.all([first, second]);
  expect(order).toEqual(["first begins", "first ends", "second"]);
  expect(shown).toEqual([expect.stringContaining(`process ${process.pid}`)]);
});

test("the lock is a file in the cache folder, and goes with the run: no name that another user could take first", async () => {
  const folder = mkdtempSync(join(scratch, "lock-"));
  const name = `\0rollcall-prepare-${keyOf(folder)}`;
  const stranger = createServer().listen(name);
  await once(stranger, "listening");
  try {
    const seen = await withLock(
      folder,
      () => {},
      async () => readdirSync(folder),
    );
    expect([seen, readdirSync(folder)]).toEqual([["lock"], []]);
  } finally {
    stranger.close();
  }
}, 3_000);

test("a run that fails gives the lock back", async () => {
  const folder = mkdtempSync(join(scratch, "lock-"));
  await expect(
    withLock(
      folder,
      () => {},
      () => Promise.reject(new Error("broken")),
    ),
  ).rejects.toThrow("broken");
  await expect(
    withLock(
      folder,
      () => {},
      async () => "done",
    ),
  ).resolves.toBe("done");
});
