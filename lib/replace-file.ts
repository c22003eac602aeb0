import { randomUUID } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What others may do with a new file: read it, as in any working tree. */
const NEW_FILE = 0o644;

/**
 * Writes a file that others read or edit meanwhile: it says all of this, or what it said before, also where the power fails. Its mode
 * and its owner stay, and a link stays a link.
 * @throws the system's error where the file or its folder cannot be written
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const real = existsSync(path) ? realpathSync(path) : path;
  const before = existsSync(real) ? statSync(real) : undefined;
  // Hidden: a draft that a killed process leaves is no file of the catalog.
  const draft = join(dirname(real), `.${basename(real)}.${randomUUID()}.part`);
  try {
    const file = openSync(draft, "wx");
    try {
      writeFileSync(file, content);
      fchmodSync(file, before === undefined ? NEW_FILE : before.mode & 0o777);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (before !== undefined && before.uid !== process.geteuid?.() && process.geteuid?.() === 0)
      chownSync(draft, before.uid, before.gid);
    renameSync(draft, real);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
