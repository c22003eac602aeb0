import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

/*
 * An image's files before they are packed. Modes are said apart: the umask of whoever runs this takes bits away, and in
 * the image everybody must be able to read.
 */

/** Makes a folder and those above it in an image's files. */
export function makeFolder(root: string, path: string): void {
  const parts = path.split("/");
  parts.forEach((_, index) => {
    const folder = join(root, ...parts.slice(0, index + 1));
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
  });
}

/** Copies a program or a library into an image's files; what a link leads to is copied. */
export function addProgram(root: string, from: string, to: string): void {
  makeFolder(root, dirname(to));
  copyFileSync(from, join(root, to));
  chmodSync(join(root, to), 0o755);
}
