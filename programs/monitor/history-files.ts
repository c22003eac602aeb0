import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

/** One file of the history: events of one month, the first of which has this number. */
export interface HistoryFile {
  /** `2026-12.000000000001.jsonl`: a month may have several. */
  readonly name: string;
  readonly month: string;
  readonly firstSeq: number;
  readonly bytes: number;
}

const NAME = /^(\d{4}-\d{2})\.(\d{12})\.jsonl$/;
const CHUNK = 65536;

/** The name of the file that begins with this event. */
export function fileNameOf(month: string, firstSeq: number): string {
  return `${month}.${String(firstSeq).padStart(12, "0")}.jsonl`;
}

/** The files of a folder, the oldest first. */
export function historyFiles(folder: string): readonly HistoryFile[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const [, month = "", seq] = NAME.exec(name) ?? [];
      return seq === undefined
        ? []
        : [{ name, month, firstSeq: Number(seq), bytes: statSync(join(folder, name)).size }];
    })
    .sort((one, other) => one.firstSeq - other.firstSeq);
}

/** The number of an event's line. @throws SyntaxError where it is none */
function seqOf(line: string): number {
  const { seq } = JSON.parse(line);
  if (!Number.isSafeInteger(seq)) throw new SyntaxError("no number");
  return seq;
}

/**
 * Takes away what a crash has left of a line that was not written to its end: nobody was ever given it.
 * @returns the number of the last whole line; undefined where the file has none
 */
export function mend(path: string): number | undefined {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const end = lastBreak(file, size);
    const before = end === 0 ? 0 : lastBreak(file, end - 1);
    const line = end === 0 ? undefined : read(file, before, end - before);
    if (end < size) truncateSync(path, end);
    return line === undefined ? undefined : seqOf(line);
  } finally {
    closeSync(file);
  }
}

/** Whole lines from the first event after a number, at most so many of them. The numbers in a file have no gap. */
export function linesAfter(path: string, seq: number, most: number): readonly string[] {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    let at = startAfter(file, size, seq);
    const lines: string[] = [];
    let rest = "";
    while (at < size && lines.length < most) {
      const part = readBytes(file, at, Math.min(CHUNK, size - at));
      // Cut at a line's end, so that no character is cut.
      const end = part.lastIndexOf(10) + 1;
      const whole = end === 0 ? part : part.subarray(0, end);
      at += whole.length;
      const text = rest + whole.toString("utf8");
      const found = text.split("\n");
      rest = found.pop() ?? "";
      lines.push(...found);
    }
    return lines.slice(0, most);
  } finally {
    closeSync(file);
  }
}

/** Where the first line begins whose number is higher: by halves, for a file may be long. */
function startAfter(file: number, size: number, seq: number): number {
  let [low, high] = [0, size];
  while (low < high) {
    const start = lineStart(file, Math.floor((low + high) / 2));
    const end = lineEnd(file, start, size);
    if (seqOf(read(file, start, end - start)) > seq) high = start;
    else low = end;
  }
  return low;
}

/** Where the line begins in which a byte lies. */
function lineStart(file: number, at: number): number {
  return lastBreak(file, at);
}

function lineEnd(file: number, from: number, size: number): number {
  for (let at = from; at < size; at += CHUNK) {
    const found = readBytes(file, at, Math.min(CHUNK, size - at)).indexOf(10);
    if (found >= 0) return at + found + 1;
  }
  return size;
}

/** Behind the last line break among the first bytes; 0 where there is none. */
function lastBreak(file: number, end: number): number {
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - CHUNK);
    const found = readBytes(file, from, to - from).lastIndexOf(10);
    if (found >= 0) return from + found + 1;
    to = from;
  }
  return 0;
}

function read(file: number, at: number, length: number): string {
  return readBytes(file, at, length).toString("utf8");
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
}
