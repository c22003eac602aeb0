import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedFiles, commitOf } from "../../../../dev/test/changed-files.js";
import { test as runTests } from "../../../../dev/test.js";

const clone = mkdtempSync(join(tmpdir(), "rollcall-changed-"));
const write = (name: string) => writeFileSync(join(clone, name), name);
const git = (...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: clone });

beforeAll(() => {
  git("init", "--quiet");
  for (const name of ["kept", "edited", "gone"]) write(name);
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
  write("later");
  git("add", ".");
  git("commit", "--quiet", "--message", "second");
  writeFileSync(join(clone, "edited"), "otherwise");
  rmSync(join(clone, "gone"));
  write("new one");
});
afterAll(() => rmSync(clone, { recursive: true }));

test("what differs from the last commit is what was edited, removed or made since", async () => {
  expect((await changedFiles(clone)).files).toEqual(["edited", "gone", "new one"]);
});

test("from an older commit it is what later ones changed as well", async () => {
  const { files, since } = await changedFiles(clone, "HEAD~1");
  expect(files).toEqual(["edited", "gone", "later", "new one"]);
  expect(await commitOf(clone, "HEAD~1")).toMatch(new RegExp(`^${since}`));
});

test("where a branch follows another one it is what differs from where it left that", async () => {
  git("branch", "--quiet", "followed", "HEAD~1");
  git("branch", "--quiet", "--set-upstream-to", "followed");
  expect((await changedFiles(clone)).files).toContain("later");
  git("branch", "--quiet", "--unset-upstream");
});

test.each(["no-such", "--all", ""])("fails: of %j, which is no commit", async (name) => {
  await expect(changedFiles(clone, name)).rejects.toMatchObject({
    name: "UserError",
    message: `There is no commit ${JSON.stringify(name)}`,
  });
});

test.each([
  [["upgrade-from"], "`upgrade-from` takes one commit"],
  [["upgrade-from", "HEAD", "HEAD~1"], "`upgrade-from` takes one commit"],
  [["upgrade-from", "no-such"], 'There is no commit "no-such"'],
  [["no-such-file"], 'There is no test file "no-such-file"'],
])("test:all %j is refused before anything is set up", async (words, message) => {
  await expect(runTests({ kind: "all", files: words })).rejects.toMatchObject({ name: "UserError", message });
});
