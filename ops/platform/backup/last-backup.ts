import type { BackupFile } from "../../../lib/backup/backup-files.js";

/** The newest backup of a platform, and where it lies. */
export interface LastBackup extends BackupFile {
  /** `folder`: in the backup folder, made by hand or fetched; `scheduled`: in the volume of `consul-backup` alone. */
  readonly kind: "folder" | "scheduled";
}

/**
 * The newest of both; of one that was fetched its copy, which outlives the Docker host. Pure.
 * @param inFolder the newest first, and so are the scheduled ones
 */
export function lastBackup(
  [inFolder]: readonly BackupFile[],
  [scheduled]: readonly BackupFile[],
): LastBackup | undefined {
  if (scheduled !== undefined && (inFolder === undefined || scheduled.time > inFolder.time))
    return { ...scheduled, kind: "scheduled" };
  return inFolder === undefined ? undefined : { ...inFolder, kind: "folder" };
}
