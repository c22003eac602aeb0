import { type BackupFile, backupsIn } from "../../lib/backup/backup-files.js";
import { readSettings, type Settings, settingName } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { elapsed, report } from "../cli/progress.js";
import { fromStartFolder } from "../cli/start-folder.js";
import { UsageError } from "../cli/usage-error.js";
import { requireDocker } from "../docker/require-docker.js";
import { fetchScheduled, scheduledBackups } from "../platform/backup/fetch-scheduled.js";
import { makeBackup } from "../platform/backup/make-backup.js";
import { newKey } from "../platform/backup/new-key.js";
import { withPlatformLock } from "../platform/lock.js";
import { setUpTerraform } from "../platform/tools.js";
import { backupsJson } from "../report/json/backups-json.js";
import { printJson } from "../report/json/print-json.js";

/** What `backup` is asked for. */
export interface BackupOptions {
  /** Whether the backups are listed. @default false */
  readonly list?: boolean | undefined;
  /** Whether the list is JSON: `BackupsJson`. @default false */
  readonly json?: boolean | undefined;
  /** Whether the scheduled ones are copied into the folder. @default false */
  readonly fetch?: boolean | undefined;
  /** The file for a new key pair. @default - none is made */
  readonly newKey?: string | undefined;
}

/**
 * `npx rollcall backup`: everything that a restore needs, in one file that only the holder of the key can read. `--list`
 * shows what there is, `--fetch` copies the scheduled ones into the folder, `--new-key FILE` makes a key pair.
 */
export async function backup(options: BackupOptions): Promise<number> {
  const { list = false, fetch = false, json: isJson = false, newKey: newKeyFile } = options;
  if (isJson && !list) throw new UsageError("--json needs --list");
  if (newKeyFile !== undefined) {
    await newKey(fromStartFolder(newKeyFile));
    return 0;
  }
  const settings = readSettings();
  if (list || fetch) await requireDocker("the scheduled backups are not known");
  if (fetch) {
    const files = await fetchScheduled(settings);
    const said = files.length === 0 ? "No scheduled backup is new." : files.join("\n");
    if (isJson) console.error(said);
    else console.log(said);
  }
  if (list) {
    const inFolder = backupsIn(settings.backupFolder, settings.instance);
    const scheduled = await scheduledBackups(settings);
    if (isJson) printJson(backupsJson(settings.backupFolder, inFolder, scheduled));
    else console.log(describe(settings, inFolder, scheduled));
  }
  if (fetch || list) return 0;
  if (settings.backupRecipients.length === 0)
    throw new UserError(
      `${settingName("backupRecipients")} is not set, and a backup in clear would show every token and key`,
      "Set it to your age recipient (age1…). `npx rollcall backup --new-key FILE` makes a key pair for those who have none.",
    );
  return withPlatformLock(settings.stateFolder, "backup", async () => {
    report("taking a snapshot");
    const made = await makeBackup(settings, await setUpTerraform(settings), settings.backupRecipients);
    const gone = made.removed === 0 ? "" : `, ${made.removed} older removed`;
    console.log(`${made.file} (${size(made.size)}, index ${made.index}${gone}), in ${elapsed()} s.`);
    return 0;
  });
}

function describe(
  { backupFolder, instance }: Settings,
  files: readonly BackupFile[],
  scheduled: readonly BackupFile[],
): string {
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
