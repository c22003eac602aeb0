import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";

export const backup = verb(
  "backup",
  "Write all that a restore needs into one file, encrypted to ROLLCALL_BACKUP_RECIPIENT",
)
  .option("--list", "show the backups that there are")
  .option("--fetch", "copy the scheduled ones into the folder")
  .addOption(new Option("--json", "with --list: print JSON (docs/reference/json.md)").conflicts("newKey"))
  .option("--new-key <file>", "make a key pair, for those who have none")
  .action(exits(async (options) => (await import("../../verbs/backup.js")).backup(options)));
