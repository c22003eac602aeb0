import { createHash, randomUUID } from "node:crypto";
import { linkSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "./error-code.js";
import { makeFolder } from "./make-folder.js";
import { isSameProcess, startOf } from "./process-start.js";

/** A lock that this run has, or the run that has it. */
export type Lock = { readonly release: () => void } | { readonly holder: Holder };

/** A run that has a lock. */
export interface Holder {
  /** Its process's number. */
  readonly pid: number;
  /** What it does, in a word. */
  readonly word: string;
}

/** How long a run that clears a dead lock away may take: it needs a few system calls. */
const CLEARING_MS = 2_000;

/**
 * Takes a lock, for runs of one machine. It is a file that names the process and when that started, so it ends with its
 * process, however that ends, and a stranger that has the same number later does not keep it.
 *
 * Of runs that find a dead lock at the same time one enters. Who wants to remove it takes a lock for that first, whose
 * name holds a number that no other lock has; having it, it looks whether the dead one is still there. A symbolic link
 * in its place is no lock: it is removed, and not followed.
 * @param file in a folder that only those can write in who may take the lock
 * @param word what this run does; without spaces
 * @throws Error of the system where the folder cannot be written
 */
export async function takeLock(file: string, word: string): Promise<Lock> {
  makeFolder(dirname(file));
  const text = [process.pid, word, (await startOf(process.pid)) ?? "", randomUUID()].join(" ");
  const begun = Date.now();
  for (;;) {
    if (place(file, text)) {
      removeRemains(file);
      return { release: () => removeIf(file, (found) => found.text === text) };
    }
    const found = read(file);
    if (found === undefined) continue;
    const holder = await holderOf(found);
    if (holder !== undefined) return { holder };
    const clearing = await takeLock(`${file}.after-${found.id}`, word);
    if ("release" in clearing) {
      removeIf(file, ({ id }) => id === found.id);
      clearing.release();
    } else if (Date.now() - begun > CLEARING_MS) return clearing;
    else await sleep(5);
  }
}

/** Puts a file there, whole and only where nothing is; a link is made in one step. */
function place(file: string, text: string): boolean {
  const draft = `${file}.draft-${randomUUID()}`;
  writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    // Whoever has the lock removes remains, which a draft may seem to be.
    if (hasCode(error, "EEXIST") || hasCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

interface LockFile {
  /** "" of what is no file. */
  readonly text: string;
  /** Of this one alone, also where it was written by hand. */
  readonly id: string;
}

function read(file: string): LockFile | undefined {
  try {
    const { ino, mtimeNs } = lstatSync(file, { bigint: true });
    const text = lstatSync(file).isFile() ? readFileSync(file, "utf8") : "";
    const id = createHash("sha256").update(`${ino} ${mtimeNs} ${text}`).digest("hex").slice(0, 16);
    return { text, id };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The run that has the lock; undefined of a dead one. */
async function holderOf({ text }: LockFile): Promise<Holder | undefined> {
  const [number = "", word = "", started] = text.split(" ");
  // Without the start it is of an older Rollcall, or of nobody: the number alone may be a stranger's.
  if (!/^[1-9]\d*$/.test(number) || started === undefined) return undefined;
  const pid = Number(number);
  return (await isSameProcess(pid, started)) ? { pid, word } : undefined;
}

function removeIf(file: string, isMeant: (found: LockFile) => boolean): void {
  const found = read(file);
  if (found !== undefined && isMeant(found)) rmSync(file, { force: true });
}

/** What killed runs left beside the lock. Safe for its holder: whoever still uses one looks again. */
function removeRemains(file: string): void {
  const folder = dirname(file);
  const isRemains = (name: string) =>
    [".after-", ".draft-"].some((word) => name.startsWith(`${basename(file)}${word}`));
  for (const name of readdirSync(folder).filter(isRemains)) rmSync(join(folder, name), { force: true });
}
