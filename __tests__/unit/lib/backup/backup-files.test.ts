import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backupsIn, nameOfBackup, removeOldest, writeWhole } from "../../../../lib/backup/backup-files.js";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "rollcall-backups-")), "backups");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

function day(number: number): Date {
  return new Date(Date.UTC(2026, 10, number, 3, 4, 5, 678));
}

function writeDays(instance: string, ...days: readonly number[]): void {
  for (const each of days) writeWhole(folder, nameOfBackup(instance, day(each)), Buffer.from(`day ${each}`));
}

test("a backup's name tells whose it is and when it was begun", () => {
  expect(nameOfBackup("rollcall-1a2b", day(2))).toBe("rollcall-1a2b-20261102T030405.678Z.tar.gz.age");
});

test("a backup and its folder are for their owner alone", () => {
  writeDays("one", 1);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(backupsIn(folder, "one")[0]?.file ?? "").mode & 0o777).toBe(0o600);
});

test("the newest is the first of a list, and where there is no folder there is no backup", () => {
  expect(backupsIn(folder, "one")).toEqual([]);
  writeDays("one", 2, 3, 1);
  expect(backupsIn(folder, "one").map(({ time, size }) => [time, size])).toEqual(
    [3, 2, 1].map((each) => [day(each), 5]),
  );
});

test("the newest stay, however old they are; another platform's and other files are left alone", () => {
  writeDays("one", 1, 2, 3);
  writeDays("one-two", 1);
  writeFileSync(join(folder, "one-notes.txt"), "mine");
  expect(removeOldest(folder, "one", 2)).toBe(1);
  expect(backupsIn(folder, "one").map(({ time }) => time)).toEqual([day(3), day(2)]);
  expect(readdirSync(folder)).toContain("one-notes.txt");
  expect(backupsIn(folder, "one-two")).toHaveLength(1);
  expect(removeOldest(folder, "one", 2)).toBe(0);
});

test("the one that is being restored stays, however old it is", () => {
  writeDays("one", 1, 2, 3, 4);
  expect(removeOldest(folder, "one", 2, join("elsewhere", nameOfBackup("one", day(1))))).toBe(1);
  expect(backupsIn(folder, "one").map(({ time }) => time)).toEqual([day(4), day(3), day(1)]);
});

test("a run that is killed while it writes leaves no backup, and the next one takes its draft away", async () => {
  mkdirSync(folder);
  const name = nameOfBackup("one", day(1));
  const program = `
    const { writeWhole } = require(${JSON.stringify(join(import.meta.dirname, "..", "..", "..", "..", "lib", "backup", "backup-files.ts"))});
    writeWhole(${JSON.stringify(folder)}, ${JSON.stringify(name)}, Buffer.alloc(512 * 1024 * 1024, "x"));`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", program], { stdio: "inherit" });
  const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  while (!existsSync(join(folder, `${name}.part`)) && child.exitCode === null) await sleep(2);
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");

  expect(readdirSync(folder)).toEqual([`${name}.part`]);
  expect(backupsIn(folder, "one")).toEqual([]);
  writeDays("one", 2);
  removeOldest(folder, "one", 9);
  expect(readdirSync(folder)).toEqual([nameOfBackup("one", day(2))]);
  expect(readFileSync(join(folder, nameOfBackup("one", day(2))), "utf8")).toBe("day 2");
});
