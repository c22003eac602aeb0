import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timesTable } from "../../../../dev/test/times.js";
import { noteWait, readWaits, WAITS_VARIABLE } from "../../../../dev/test/waits.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-waits-"));
const path = join(folder, "waits");
afterAll(() => rmSync(folder, { recursive: true }));

test("what a run waited for is summed up by file, the longest first; moments and runs that nobody watches are not told", () => {
  const env = { [WAITS_VARIABLE]: path };
  noteWait("e2e/a", "a leader", 2, env);
  noteWait("e2e/a", "a leader", 3, env);
  noteWait("e2e/b", "a leader", 9, env);
  noteWait("e2e/b", "a moment", 0.4, env);
  noteWait("e2e/b", "unseen", 99, {});
  expect(readWaits(path)).toEqual([
    { file: "e2e/b", what: "a leader", seconds: 9, times: 1 },
    { file: "e2e/a", what: "a leader", seconds: 5, times: 2 },
  ]);
  expect(readWaits(join(folder, "none"))).toEqual([]);
});

test("the table has each file, the slowest first, and then the waits", () => {
  const files = [
    { name: "e2e/a", seconds: 7 },
    { name: "types (tsc)", seconds: 12.34 },
  ];
  expect(timesTable(files, readWaits(path))).toEqual([
    "Seconds by file:",
    "    12.3  types (tsc)",
    "     7.0  e2e/a",
    "Waited for longest, in seconds:",
    "     9.0  e2e/b: a leader",
    "     5.0  e2e/a: a leader, 2 times",
  ]);
  expect(timesTable(files, [])).toHaveLength(3);
});
