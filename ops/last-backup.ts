import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../lib/error-code";

/** A backup's file. */
export interface BackupFile {
  /** Its path. */
  readonly file: string;
  /** When it was finished. */
  readonly time: Date;
}

/** `rollcall-<UTC time>.snap`, with what says how it is encrypted behind it; not one that is still being written. */
const NAME = /^rollcall-[\dTZ:.-]+\.snap(\.[a-z]+)?$/;

/** The newest backup in a folder; undefined where there is none, or no folder. */
export function lastBackup(folder: string): BackupFile | undefined {
  return namesIn(folder)
    .filter((name) => NAME.test(name))
    .map((name) => ({ file: join(folder, name), time: statSync(join(folder, name)).mtime }))
    .sort((a, b) => b.time.getTime() - a.time.getTime())[0];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
