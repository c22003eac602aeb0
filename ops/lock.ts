import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode } from "../lib/error-code";
import { UserError } from "../lib/user-error";

/**
 * Does something to a platform that two runs must not do at the same time; the second one is refused. The lock is a
 * file beside the state folder with the process's number in it; one whose process is gone does not count.
 */
export async function withPlatformLock<T>(stateFolder: string, verb: string, work: () => Promise<T>): Promise<T> {
  const file = `${stateFolder}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  take(file, verb);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, verb: string): void {
  for (;;) {
    try {
      writeFileSync(file, `${process.pid} ${verb}`, { flag: "wx" });
      return;
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
    const [pid = "", other = ""] = readIfThere(file).split(" ");
    if (pid !== "" && isAlive(Number(pid)))
      throw new UserError(
        `\`npm run ${other}\` (process ${pid}) is at work on this platform`,
        "Wait until it has ended, or end it, and run this again.",
      );
    rmSync(file, { force: true });
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isDefunct(pid);
  } catch (error) {
    // Somebody else's process: it is there, and not ours to signal.
    return hasCode(error, "EPERM");
  }
}

/** A killed process whose parent has not heard of it yet, or never will where nothing collects orphans. */
function isDefunct(pid: number): boolean {
  return /\) Z /.test(readIfThere(`/proc/${pid}/stat`));
}
