import { closeSync, openSync, readFileSync } from "node:fs";
import type { Archive } from "../../../lib/backup/archive.js";
import { decryptWith, identitiesIn } from "../../../lib/backup/encryption.js";
import { unpackArchive } from "../../../lib/backup/read-archive.js";
import { hasCode } from "../../../lib/error-code.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";

/** The secret keys in the file that `ROLLCALL_BACKUP_IDENTITY` names. @throws UserError where there is none */
export function readIdentities({ backupIdentity }: Settings): readonly string[] {
  if (backupIdentity === undefined)
    throw new UserError(
      "ROLLCALL_BACKUP_IDENTITY is not set, and backups are encrypted",
      "Set it to the path of the key file that belongs to your recipient.",
    );
  const identities = identitiesIn(
    orRefused(
      backupIdentity,
      () => readFileSync(backupIdentity, "utf8"),
      "A relative path in ROLLCALL_BACKUP_IDENTITY begins at the clone's folder.",
    ),
  );
  if (identities.length === 0)
    throw new UserError(
      `${backupIdentity} (ROLLCALL_BACKUP_IDENTITY) has no line AGE-SECRET-KEY-…`,
      "Name a key file of age-keygen or `npx rollcall backup --new-key`, not the public key.",
    );
  return identities;
}

/** @throws UserError where there is no file of that name that can be read */
export function requireReadable(file: string): void {
  orRefused(
    file,
    () => closeSync(openSync(file, "r")),
    "`npx rollcall backup --list` shows the backups that there are.",
  );
}

/** A backup in clear, in memory. @throws UserError where it is none, is damaged, or is encrypted to another key */
export async function readBackup(file: string, identities: readonly string[]): Promise<Archive> {
  return unpackArchive(
    await decryptWith(
      identities,
      orRefused(file, () => readFileSync(file)),
      file,
    ),
    file,
  );
}

function orRefused<T>(file: string, work: () => T, remedy = ""): T {
  try {
    return work();
  } catch (error) {
    if (!["ENOENT", "EACCES", "EISDIR"].some((code) => hasCode(error, code))) throw error;
    throw new UserError(`${file} cannot be read${hasCode(error, "ENOENT") ? ": it is not there" : ""}`, remedy);
  }
}
