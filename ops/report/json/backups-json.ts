import type { BackupFile } from "../../../lib/backup/backup-files.js";

/** One backup. */
export interface BackupJson {
  /** `folder`: made by `npx rollcall backup`, or copied by `--fetch`. `scheduled`: in the volume of consul-backup alone or as well. */
  readonly kind: "folder" | "scheduled";
  /** Of kind `folder` the whole path; of kind `scheduled` the name in the volume. */
  readonly file: string;
  /** When it was begun, RFC 3339 in UTC. */
  readonly time: string;
  readonly bytes: number;
}

/** What `backup --list --json` prints. */
export interface BackupsJson {
  /** The backup folder. */
  readonly folder: string;
  /** The newest first. */
  readonly backups: readonly BackupJson[];
}

/** The backups of a platform, for programs. Pure. */
export function backupsJson(
  folder: string,
  inFolder: readonly BackupFile[],
  scheduled: readonly BackupFile[],
): BackupsJson {
  const told = (kind: BackupJson["kind"]) => (backup: BackupFile) => ({
    kind,
    file: backup.file,
    time: backup.time.toISOString(),
    bytes: backup.size,
  });
  const backups = [...inFolder.map(told("folder")), ...scheduled.map(told("scheduled"))];
  return {
    folder,
    backups: backups.sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0)),
  };
}
