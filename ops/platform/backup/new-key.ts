import { writeFileSync } from "node:fs";
import { newKeyPair } from "../../../lib/backup/encryption.js";
import { hasCode } from "../../../lib/error-code.js";
import { UserError } from "../../../lib/user-error.js";

/**
 * Makes a key pair for backups, in the form of `age-keygen`, and tells what to do with its halves.
 * @param file that is not there yet
 */
export async function newKey(file: string): Promise<void> {
  const { identity, recipient } = await newKeyPair();
  try {
    // One that is there may be all that opens older backups.
    writeFileSync(file, `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`, {
      flag: "wx",
      mode: 0o600,
    });
  } catch (error) {
    if (hasCode(error, "EEXIST"))
      throw new UserError(`${file} exists already, so nothing was written`, "Name a file that does not exist.");
    if (hasCode(error, "ENOENT"))
      throw new UserError(`${file} cannot be written: its folder is missing`, "Make the folder first.");
    throw error;
  }
  console.log(
    [
      `${file} has the secret key. Whoever has it reads every backup, and without it nobody does: keep it and a copy`,
      "of it where this machine's loss does not reach, and remove it here.",
      "Backups need the public one alone:",
      `  export ROLLCALL_BACKUP_RECIPIENT=${recipient}`,
      "To restore:",
      `  export ROLLCALL_BACKUP_IDENTITY=${file}`,
    ].join("\n"),
  );
}
