import { chmodSync, mkdirSync } from "node:fs";

/** Makes a folder, or closes the one that is there, so that nobody else can read what is or will be in it. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}
