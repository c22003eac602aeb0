import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { close, jestStep } from "../../../../dev/test/steps.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-steps-"));
  jest.spyOn(console, "error").mockImplementation(() => {});
  jest.spyOn(console, "log").mockImplementation(() => {});
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** What Jest counts with these files in a folder of its own. */
async function counted(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const config = join(folder, "jest.config.js");
  writeFileSync(
    config,
    `module.exports = { rootDir: __dirname, ${"setup.js" in files ? 'globalSetup: "./setup.js"' : ""} };`,
  );
  return jestStep("some", config);
}

test("what passes and what fails is counted", async () => {
  const text = 'test("a", () => {}); test("b", () => { throw new Error("no"); });';
  expect(await counted({ "a.test.js": text })).toMatchObject({ passed: 1, failed: 1 });
});

test("a setup that fails is a failure, not a defect of ours", async () => {
  const files = {
    "a.test.js": 'test("a", () => {});',
    "setup.js": 'module.exports = () => { throw new Error("no"); };',
  };
  expect(await counted(files)).toMatchObject({ passed: 0, failed: 1 });
});

test("tests that cannot be started end with the reason, not with a count", async () => {
  const attempt = jestStep("some", join(folder, "jest.config.js"), { env: { PATH: join(folder, "empty") } });
  await expect(attempt).rejects.toMatchObject({ reason: "missing" });
});

const none = { passed: 0, failed: 0, files: [] };

test("the closing line is the sum, and its exit code", () => {
  expect(
    close([
      { ...none, passed: 1 },
      { ...none, passed: 2 },
    ]),
  ).toBe(0);
  expect(close([{ ...none, passed: 1, failed: 1 }])).toBe(1);
  const closing = jest
    .mocked(console.log)
    .mock.calls.flat()
    .filter((line) => / passed, /.test(line));
  expect(closing).toEqual(["3 passed, 0 failed", "1 passed, 1 failed"]);
});
