import { type BackupFile, backupsIn } from "../lib/backup/backup-files";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { makeBackup } from "./backup/make-backup";
import { newKey } from "./backup/new-key";
import { fetchScheduled, scheduledBackups } from "./backup/scheduled";
import type { Asked } from "./command-line.cjs";
import { withPlatformLock } from "./lock";
import { elapsed, report } from "./progress";
import { requireDocker } from "./require-docker";
import { fromStartFolder } from "./start-folder";
import { setUpTerraform } from "./tools";

/**
 * `npm run backup`: everything that a restore needs, in one file that only the holder of the key can read. `--list`
 * shows what there is, `--fetch` copies the scheduled ones into the folder, `--new-key FILE` makes a key pair.
 */
export async function backup({ flags, named }: Asked): Promise<number> {
  const [list, fetch, newKeyFile] = [flags.has("list"), flags.has("fetch"), named.get("new-key")];
  if (newKeyFile !== undefined) {
    await newKey(fromStartFolder(newKeyFile));
    return 0;
  }
  const settings = readSettings();
  if (list || fetch) await requireDocker("the scheduled backups are not known");
  if (fetch) {
    const files = await fetchScheduled(settings);
    console.log(files.length === 0 ? "No scheduled backup is new." : files.join("\n"));
  }
  if (list) console.log(tell(settings, await scheduledBackups(settings)));
  if (fetch || list) return 0;
  if (settings.backupRecipients.length === 0)
    throw new UserError(
      "ROLLCALL_BACKUP_RECIPIENT is not set, and a backup in clear would show every token and key",
      "Set it to your age recipient (age1…). `npm run backup -- --new-key FILE` makes a key pair for those who have none.",
    );
  return withPlatformLock(settings.stateFolder, "backup", async () => {
    report("taking a snapshot");
    const made = await makeBackup(settings, await setUpTerraform(settings), settings.backupRecipients);
    const gone = made.removed === 0 ? "" : `, ${made.removed} older removed`;
    console.log(`${made.file} (${size(made.size)}, index ${made.index}${gone}), in ${elapsed()} s.`);
    return 0;
  });
}

function tell({ backupFolder, instance }: Settings, scheduled: readonly BackupFile[]): string {
  const files = backupsIn(backupFolder, instance);
  const row = (each: BackupFile, where: string) =>
    `${each.time.toISOString()}  ${size(each.size).padStart(8)}  ${where}`;
  return [
    ...files.map((each) => row(each, each.file)),
    ...(files.length === 0 ? [`No backup of ${instance} is in ${backupFolder}.`] : []),
    ...scheduled.map((each) => row(each, `scheduled: ${each.file}`)),
  ].join("\n");
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
