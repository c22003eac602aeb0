import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { AlertEvent } from "./alert-event.js";
import type { Change } from "./changes.js";
import { fileNameOf, type HistoryFile, historyFiles, linesAfter, mend } from "./history-files.js";

/** What the monitor tells of itself. `blind-from`: nobody answers it any more; `blind-to`: it sees again. */
export interface OwnEvent {
  readonly time: string;
  readonly event: "monitor-started" | "blind-from" | "blind-to";
}

/** What is to be written; it gets its number then. */
export type NewEvent = Change | OwnEvent | AlertEvent;

/** How much is kept. */
export interface Kept {
  readonly days: number;
  readonly bytes: number;
  /** A month has as many files as it needs, of this length each. */
  readonly fileBytes: number;
}

/** 400 days, or a gigabyte where that is reached before. */
export const KEPT: Kept = { days: 400, bytes: 1_000_000_000, fileBytes: 32_000_000 };

/** What a reader gets. */
export type Page =
  | { readonly lines: readonly string[]; readonly lastSeq: number }
  /** What it wants is no longer there, or never was: the first number that is. */
  | { readonly first: number; readonly lastSeq: number };

const DAY_MS = 86_400_000;

/**
 * Events as lines of JSON, in files by month. Each has a number that is higher by one than the one before, over crashes too:
 * what is written is on the disk before its number counts, and what was begun and not ended is taken away at the next start.
 */
export class History {
  private files: readonly HistoryFile[];
  private last: number;

  constructor(
    private readonly folder: string,
    private readonly kept: Kept = KEPT,
  ) {
    mkdirSync(folder, { recursive: true });
    let files = historyFiles(folder);
    let last: number | undefined;
    // A file may have been made and nothing been written to it.
    for (let newest = files.at(-1); newest !== undefined && last === undefined; newest = files.at(-1)) {
      last = mend(join(folder, newest.name));
      if (last === undefined && files.length === 1) last = newest.firstSeq - 1;
      else if (last === undefined) {
        rmSync(join(folder, newest.name));
        files = files.slice(0, -1);
      }
    }
    this.last = last ?? 0;
    this.files = historyFiles(folder);
  }

  /** The number of the last event; 0 before the first. */
  get lastSeq(): number {
    return this.last;
  }

  /** Writes events down, in one step. @throws Error where the disk does not take them: then none of them is written */
  append(events: readonly NewEvent[], now: number): void {
    if (events.length === 0) return;
    const lines = events.map((event, at) => `${JSON.stringify({ seq: this.last + 1 + at, ...event })}\n`);
    const bytes = Buffer.from(lines.join(""));
    const { file, isNew } = this.fileFor(now, bytes.length);
    const path = join(this.folder, file.name);
    const opened = openSync(path, "a");
    try {
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(opened, bytes, written);
        fsyncSync(opened);
      } catch (error) {
        ftruncateSync(opened, file.bytes);
        throw error;
      }
    } finally {
      closeSync(opened);
    }
    if (isNew) syncFolder(this.folder);
    this.last += events.length;
    const grown = { ...file, bytes: file.bytes + bytes.length };
    this.files = [...(isNew ? this.files : this.files.slice(0, -1)), grown];
    this.dropOld(now);
  }

  /** The events after a number, at most so many. */
  after(seq: number, most: number): Page {
    const first = this.files[0]?.firstSeq ?? 1;
    if (seq < first - 1 || seq > this.last) return { first, lastSeq: this.last };
    const lines: string[] = [];
    for (const [at, { name }] of this.files.entries()) {
      const next = this.files[at + 1];
      if (lines.length >= most || (next !== undefined && next.firstSeq <= seq + 1)) continue;
      lines.push(...linesAfter(join(this.folder, name), seq, most - lines.length));
    }
    return { lines, lastSeq: this.last };
  }

  private fileFor(now: number, length: number): { readonly file: HistoryFile; readonly isNew: boolean } {
    const month = monthOf(now);
    const newest = this.files.at(-1);
    const isFull = newest !== undefined && newest.bytes > 0 && newest.bytes + length > this.kept.fileBytes;
    // Never back to an earlier month, whatever the clock says.
    if (newest !== undefined && newest.month >= month && !isFull) return { file: newest, isNew: false };
    const later = newest !== undefined && newest.month > month ? newest.month : month;
    const firstSeq = this.last + 1;
    return { file: { name: fileNameOf(later, firstSeq), month: later, firstSeq, bytes: 0 }, isNew: true };
  }

  /** The newest file always stays. */
  private dropOld(now: number): void {
    const oldest = monthOf(now - this.kept.days * DAY_MS);
    const size = () => this.files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (let [first] = this.files; first !== undefined && this.files.length > 1; [first] = this.files) {
      if (first.month >= oldest && size() <= this.kept.bytes) return;
      rmSync(join(this.folder, first.name), { force: true });
      this.files = this.files.slice(1);
    }
  }
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

/** A new file's name is on the disk only then. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
