import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { History, KEPT, type NewEvent } from "../../../../programs/monitor/history.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const DECEMBER = Date.parse("2026-12-15T10:00:00Z");
const DAY = 86_400_000;
const started = (now = DECEMBER): NewEvent => ({ time: new Date(now).toISOString(), event: "monitor-started" });
const many = (count: number) => Array.from({ length: count }, () => started());

function seqs(history: History, after: number, most = 100_000): readonly number[] {
  const page = history.after(after, most);
  if (!("lines" in page)) throw new Error(JSON.stringify(page));
  return page.lines.map((line) => JSON.parse(line).seq);
}
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, at) => from + at);
const files = () => readdirSync(folder).sort();
const fileOf = (at: number) => join(folder, files()[at] ?? "");

test("events are numbered from 1 without a gap, also over a restart", () => {
  const history = new History(folder);
  history.append([started(), started()], DECEMBER);
  const again = new History(folder);
  expect(again.lastSeq).toBe(2);
  again.append([started()], DECEMBER);
  expect(seqs(again, 0)).toEqual([1, 2, 3]);
  expect(readFileSync(fileOf(0), "utf8").split("\n")[2]).toBe(
    '{"seq":3,"time":"2026-12-15T10:00:00.000Z","event":"monitor-started"}',
  );
});

test("a crash in the middle of a line leaves no gap and no duplicate, wherever it cut", () => {
  new History(folder).append(many(3), DECEMBER);
  const whole = readFileSync(fileOf(0));
  const two = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let length = two; length < whole.length; length += 1) {
    writeFileSync(fileOf(0), whole);
    truncateSync(fileOf(0), length);
    const history = new History(folder);
    expect(history.lastSeq).toBe(2);
    history.append([started()], DECEMBER);
    expect(seqs(history, 0)).toEqual([1, 2, 3]);
  }
});

test("a crash in the first line of a new month's file leaves no gap", () => {
  new History(folder).append(many(2), DECEMBER);
  writeFileSync(join(folder, "2027-01.000000000003.jsonl"), '{"seq":3,"ti');
  const history = new History(folder);
  history.append([started(DECEMBER + 31 * DAY)], DECEMBER + 31 * DAY);
  expect(seqs(history, 0)).toEqual([1, 2, 3]);
  expect(files()).toEqual(["2026-12.000000000001.jsonl", "2027-01.000000000003.jsonl"]);
});

test("of a history whose only file is empty the numbers go on, for its name has one", () => {
  writeFileSync(join(folder, "2026-12.000000000041.jsonl"), "");
  const history = new History(folder);
  history.append([started()], DECEMBER);
  expect(seqs(history, 40)).toEqual([41]);
});

test("what the disk does not take is not counted", () => {
  const history = new History(folder);
  history.append([started()], DECEMBER);
  rmSync(fileOf(0));
  mkdirSync(join(folder, "2026-12.000000000001.jsonl"));
  expect(() => history.append([started()], DECEMBER)).toThrow(/EISDIR/);
  expect(history.lastSeq).toBe(1);
});

test("a reader gets what follows its number, page by page, over months and long files", () => {
  const history = new History(folder, { ...KEPT, fileBytes: 10_000 });
  for (const month of [0, 1, 2]) history.append(many(500), DECEMBER + month * 31 * DAY);
  for (let count = 0; count < 100; count += 1) history.append(many(5), DECEMBER + 62 * DAY);
  expect(files().length).toBeGreaterThan(5);
  expect(seqs(history, 0)).toEqual(upTo(2000));
  for (const after of [0, 1, 498, 499, 500, 501, 999, 1500, 1777, 1999])
    expect(seqs(history, after, 7)).toEqual(upTo(Math.min(2000, after + 7), after + 1));
  expect(history.after(2000, 10)).toEqual({ lines: [], lastSeq: 2000 });
  expect(seqs(new History(folder), 1500)).toEqual(upTo(2000, 1501));
});

test("lines that are longer than what is read at once come whole", () => {
  const history = new History(folder);
  const change = { ...started(), service: "ä".repeat(30_000) };
  history.append([started(), change, change, started()], DECEMBER);
  const page = history.after(1, 2);
  expect("lines" in page && page.lines.map((line) => JSON.parse(line).service)).toEqual([
    change.service,
    change.service,
  ]);
});

describe("what is kept", () => {
  test("is at least 400 days: a month goes when its last day is older", () => {
    const history = new History(folder);
    history.append(many(3), DECEMBER);
    const end = Date.parse("2026-12-31T23:59:59Z");
    history.append([started(end + 399 * DAY)], end + 399 * DAY);
    expect(seqs(history, 0)).toEqual([1, 2, 3, 4]);
    history.append([started(end + 401 * DAY)], end + 401 * DAY);
    expect(history.after(0, 10)).toEqual({ first: 4, lastSeq: 5 });
    expect(seqs(history, 3)).toEqual([4, 5]);
  });

  test("is bounded: the oldest goes first, and who is too late learns where to begin", () => {
    const history = new History(folder, { days: 400, bytes: 5000, fileBytes: 1000 });
    for (let count = 0; count < 50; count += 1) history.append(many(5), DECEMBER);
    const bytes = files().reduce((sum, file) => sum + readFileSync(join(folder, file)).length, 0);
    expect(bytes).toBeLessThanOrEqual(5000);
    const page = history.after(0, 10);
    if (!("first" in page)) throw new Error("it has all");
    expect(page.first).toBeGreaterThan(1);
    expect(seqs(history, page.first - 1)).toEqual(upTo(250, page.first));
    expect(history.after(page.first - 2, 1)).toEqual({ first: page.first, lastSeq: 250 });
  });

  test("has at least the newest events, however little may be kept", () => {
    const history = new History(folder, { days: 1, bytes: 1, fileBytes: 1 });
    history.append(many(3), DECEMBER);
    history.append(many(3), DECEMBER + 90 * DAY);
    expect(seqs(history, 3)).toEqual([4, 5, 6]);
  });
});

test("who knows a number that was never given is told so: it reads another history", () => {
  const history = new History(folder);
  history.append([started()], DECEMBER);
  expect(history.after(7, 10)).toEqual({ first: 1, lastSeq: 1 });
});

test("a clock that goes back opens no older month", () => {
  const history = new History(folder);
  history.append([started()], DECEMBER);
  history.append([started()], DECEMBER - 60 * DAY);
  expect(files()).toEqual(["2026-12.000000000001.jsonl"]);
});

test("what somebody else has put into the folder is left alone", () => {
  writeFileSync(join(folder, "notes.txt"), "mine");
  appendFileSync(join(folder, "baseline.json"), "{}");
  new History(folder, { days: 1, bytes: 1, fileBytes: 1 }).append([started()], DECEMBER);
  expect(files()).toEqual(["2026-12.000000000001.jsonl", "baseline.json", "notes.txt"]);
});
