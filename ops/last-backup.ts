import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../lib/error-code";

/** A backup's file. */
export interface BackupFile {
  /** Its path. */
  readonly file: string;
  /** When it was begun. */
  readonly time: Date;
}

/** `<platform>-20261125T031500.000Z.tar.gz.age`; a draft has more behind it. */
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)\.tar\.gz\.age$/;

/** A platform's newest whole backup in a folder; undefined where there is none, or no folder. */
export function lastBackup(folder: string, platform: string): BackupFile | undefined {
  return namesIn(folder)
    .flatMap((name) => {
      const match = name.startsWith(`${platform}-`) ? TIME.exec(name.slice(platform.length + 1)) : null;
      if (match === null) return [];
      const [, year, month, day, hour, minute, second] = match;
      return [{ file: join(folder, name), time: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}`) }];
    })
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
