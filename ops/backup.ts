import { parseArgs } from "node:util";
import { backupsIn } from "../lib/backup/backup-files";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { makeBackup } from "./backup/make-backup";
import { newKey } from "./backup/new-key";
import { withPlatformLock } from "./lock";
import { elapsed, report } from "./progress";
import { setUpTerraform } from "./tools";

const USAGE = "Say `npm run backup`, `npm run backup -- --list` or `npm run backup -- --new-key FILE`.";

/**
 * `npm run backup`: everything that a restore needs, in one file that only the holder of the key can read. `--list`
 * shows what there is, `--new-key FILE` makes a key pair.
 */
export async function backup(args: readonly string[]): Promise<number> {
  const { list, newKeyFile } = optionsOf(args);
  if (newKeyFile !== undefined) {
    await newKey(newKeyFile);
    return 0;
  }
  const settings = readSettings();
  if (list) {
    console.log(tell(settings));
    return 0;
  }
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

function optionsOf(args: readonly string[]): { readonly list: boolean; readonly newKeyFile: string | undefined } {
  try {
    const options = { list: { type: "boolean" }, "new-key": { type: "string" } } as const;
    const { values } = parseArgs({ args: [...args], options });
    return { list: values.list ?? false, newKeyFile: values["new-key"] };
  } catch (error) {
    throw new UserError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), USAGE);
  }
}

/** The backups, the newest first. */
function tell({ backupFolder, instance }: Settings): string {
  const files = backupsIn(backupFolder, instance);
  if (files.length === 0) return `No backup of ${instance} is in ${backupFolder}.`;
  return files.map((each) => `${each.time.toISOString()}  ${size(each.size).padStart(8)}  ${each.file}`).join("\n");
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
