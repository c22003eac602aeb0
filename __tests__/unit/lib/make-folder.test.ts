import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../../lib/make-folder.js";
import { makePrivateFolder } from "../../../lib/private-folder.js";
import { UserError } from "../../../lib/user-error.js";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "rollcall-folder-"));
});
afterEach(() => rmSync(scratch, { recursive: true }));

test("a folder is made with those above it, readable by its owner alone, and one that is there stays", () => {
  const folder = join(scratch, "a", "b", "c");
  makeFolder(folder);
  writeFileSync(join(folder, "file"), "");
  makeFolder(folder);
  expect(existsSync(join(folder, "file"))).toBe(true);
  for (const each of [folder, join(scratch, "a")]) expect(statSync(each).mode & 0o777).toBe(0o700);
});

test("a file in a folder's place is an error", () => {
  writeFileSync(join(scratch, "file"), "");
  expect(() => makeFolder(join(scratch, "file"))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(scratch, "file", "below"))).toThrow();
});

// Node's recursive mkdirSync never returns here: a run with XDG_CACHE_HOME=/proc could only be killed.
test("a place that takes no folder is refused in words", () => {
  expect(() => makeFolder("/proc/rollcall/below")).toThrow();
  expect(() => makePrivateFolder("/proc/rollcall")).toThrow(UserError);
});
