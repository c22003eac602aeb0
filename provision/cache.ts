import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../lib/private-folder.js";

/**
 * Where everything is kept that was downloaded or built once: outside the repository, shared by all clones, readable by its owner alone. Whatever is made in it is made under a temporary name and then
 * renamed, so a file that is there is whole, whenever a run before was killed.
 */
export class Cache {
  constructor(readonly folder: string) {
    makePrivateFolder(folder);
  }

  /** A path in the cache; the folders above it exist. */
  path(...parts: readonly string[]): string {
    const path = join(this.folder, ...parts);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** A folder in the cache, made where it is missing. */
  subfolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** An empty folder to work in. It has this process's number: a run that was killed may have left children at work in its own. */
  workFolder(name: string): string {
    const path = join(this.workFolders, String(process.pid), name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** What is only needed while working; leftovers of killed runs too. */
  get workFolders(): string {
    return join(this.folder, "work");
  }

  /** A file's text, or undefined where there is none. */
  read(name: string): string | undefined {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Writes a file as a whole. */
  write(name: string, text: string): void {
    const path = this.path(name);
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  }

  /** How much room there is on the cache's disk. */
  freeGiB(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return (bavail * bsize) / 2 ** 30;
  }
}

/** A short name for exactly these inputs: another input, another name. */
export function keyOf(...inputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${input.length}:${input}`);
  return hash.digest("hex").slice(0, 16);
}
