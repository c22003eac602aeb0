import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "./error-code.js";
import { makeFolder } from "./make-folder.js";
import { UserError } from "./user-error.js";

/**
 * Makes a folder, or closes the one that is there, so that nobody else can read what is or will be in it.
 * @throws UserError where it cannot be made, or belongs to somebody who is not trusted with it
 */
export function makePrivateFolder(path: string): void {
  try {
    makeFolder(path);
    refuseStrangers(path);
    chmodSync(path, 0o700);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR", "ENOENT"].some((code) => hasCode(error, code))) throw error;
    throw new UserError(
      `The folder ${path} cannot be used: you are not permitted to make it or to change it, or it is a file`,
      "Name another one (CDKTF_OUTDIR, ROLLCALL_STATE, ROLLCALL_BACKUPS, XDG_CACHE_HOME), or work in a clone of your own.",
    );
  }
}

/**
 * Refuses a folder whose owner could change what we find in it: in a place where everybody may write, whoever makes a
 * folder first owns it. Trusted are we, root, and the owner of the clone, whose code this is.
 * @throws UserError that names the folder
 */
export function refuseStrangers(path: string, trusted: readonly number[] = trustedUsers()): void {
  const { uid } = statSync(path);
  if (trusted.length === 0 || trusted.includes(uid)) return;
  throw new UserError(
    `The folder ${path} belongs to another user of this machine (uid ${uid}), who could change what is in it`,
    "Look at what it is, remove it, or set another folder.",
  );
}

/** Empty where the system knows no users by number. */
function trustedUsers(): readonly number[] {
  const own = process.geteuid?.();
  return own === undefined ? [] : [own, 0, statSync(join(import.meta.dirname, "..")).uid];
}
