import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { hasCode } from "./error-code.js";

/**
 * Makes a folder and those above it that are missing; what is there stays as it is. Node's own recursive `mkdirSync`
 * never returns below a folder that takes none, such as /proc, and no signal but SIGKILL ends it then.
 * @param mode of each folder that is made. @default 0o700
 * @throws the system's error where one cannot be made
 */
export function makeFolder(path: string, mode = 0o700): void {
  const folder = resolve(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another run may have made it in between; a file in its place is an error.
    if (!hasCode(error, "EEXIST") || !statSync(folder).isDirectory()) throw error;
  }
}
