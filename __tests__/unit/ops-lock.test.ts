import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPlatformLock } from "../../ops/lock";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the second of two runs is refused with the name of the first, and the first is not disturbed", async () => {
  const state = join(folder, "state");
  await withPlatformLock(state, "up", async () => {
    await expect(withPlatformLock(state, "down", async () => {})).rejects.toMatchObject({
      message: `\`npm run up\` (process ${process.pid}) is at work on this platform`,
      remedy: "Wait until it has ended, or end it, and run this again.",
    });
    expect(existsSync(`${state}.lock`)).toBe(true);
  });
  expect(existsSync(`${state}.lock`)).toBe(false);
});

test("a lock whose process is gone does not count", async () => {
  const state = join(folder, "state");
  // No process has this number: it is above the largest that Linux gives.
  writeFileSync(`${state}.lock`, "4194305 up");
  const seen = await withPlatformLock(state, "down", async () => readFileSync(`${state}.lock`, "utf8"));
  expect(seen).toBe(`${process.pid} down`);
});

test("a run that fails leaves no lock behind", async () => {
  const state = join(folder, "state");
  const failing = withPlatformLock(state, "up", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(existsSync(`${state}.lock`)).toBe(false);
});

test("two platforms do not wait for each other", async () => {
  const both = withPlatformLock(join(folder, "one"), "up", () =>
    withPlatformLock(join(folder, "two"), "up", async () => "both"),
  );
  await expect(both).resolves.toBe("both");
});
