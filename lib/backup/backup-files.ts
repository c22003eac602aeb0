import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { hasCode } from "../error-code.js";
import { makePrivateFolder } from "../private-folder.js";

/** A whole backup in a folder. */
export interface BackupFile {
  readonly file: string;
  /** When it was begun. */
  readonly time: Date;
  /** In bytes. */
  readonly size: number;
}

const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)$/;
const EXTENSION = ".tar.gz.age";
const DRAFT = ".part";

/** What a platform's backup of that moment is called: in the order of their names they are in that of time. */
export function nameOfBackup(instance: string, time: Date): string {
  return `${instance}-${time.toISOString().replace(/[-:]/g, "")}${EXTENSION}`;
}

/** The backups of a platform in a folder, the newest first; none where there is no folder. Drafts do not count. */
export function backupsIn(folder: string, instance: string): readonly BackupFile[] {
  return namesIn(folder)
    .flatMap((name) => {
      const time = timeOfBackup(name, instance);
      return time === undefined ? [] : [{ file: join(folder, name), time, size: statSync(join(folder, name)).size }];
    })
    .sort((one, other) => other.time.getTime() - one.time.getTime());
}

/** When a file of that name was begun; undefined where it is no backup of this platform's. */
export function timeOfBackup(name: string, instance: string): Date | undefined {
  if (!name.startsWith(`${instance}-`) || !name.endsWith(EXTENSION)) return undefined;
  const match = TIME.exec(name.slice(instance.length + 1, -EXTENSION.length));
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
}

/**
 * Puts a file into a folder that nobody else can read: there whole or not at all, also where the power fails. What an
 * earlier call that was killed left of its draft is removed.
 */
export function writeWhole(folder: string, name: string, content: Uint8Array): void {
  makePrivateFolder(folder);
  const draft = join(folder, `${name}${DRAFT}`);
  const file = openSync(draft, "w", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(folder, name));
  const directory = openSync(folder, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * Removes a platform's oldest backups and the drafts of runs that were killed. By number, not by age: where backups
 * have failed for a month, the last good ones stay.
 * @param keep how many stay
 * @param spared one that stays in any case, however old
 * @returns how many backups went
 */
export function removeOldest(folder: string, instance: string, keep: number, spared = ""): number {
  for (const name of namesIn(folder))
    if (name.endsWith(`${EXTENSION}${DRAFT}`) && timeOfBackup(name.slice(0, -DRAFT.length), instance) !== undefined)
      rmSync(join(folder, name), { force: true });
  const old = backupsIn(folder, instance)
    .slice(keep)
    .filter(({ file }) => basename(file) !== basename(spared));
  for (const { file } of old) unlinkSync(file);
  return old.length;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
