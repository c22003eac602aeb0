import { exits, verb } from "../verb.js";

export const restore = verb(
  "restore",
  "Restore what Consul held when the backup was made, on the running platform, or on a new one if all is lost",
  ["Says what is in the file and asks. ROLLCALL_BACKUP_IDENTITY names the key's file."],
)
  .argument("<file>", "the backup")
  .option("-y, --yes", "answer the question with yes")
  .action(exits(async (file, options) => (await import("../../verbs/restore.js")).restore({ file, ...options })));
