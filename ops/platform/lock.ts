import { hasCode } from "../../lib/error-code.js";
import { type Lock, takeLock } from "../../lib/lock-file.js";
import { UserError } from "../../lib/user-error.js";

/**
 * Does something to a platform that two runs must not do at the same time; the second one is refused. The lock is a file
 * beside the state folder that names the process; one whose process has ended does not count.
 */
export async function withPlatformLock<T>(stateFolder: string, verb: string, work: () => Promise<T>): Promise<T> {
  const lock = await take(`${stateFolder}.lock`, verb);
  if ("holder" in lock)
    throw new UserError(
      `\`npx rollcall ${lock.holder.word}\` (process ${lock.holder.pid}) is running on this platform`,
      "Wait until it has ended, or end it, and run this again.",
    );
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function take(file: string, verb: string): Promise<Lock> {
  try {
    return await takeLock(file, verb);
  } catch (error) {
    if (!hasCode(error, "EACCES") && !hasCode(error, "EPERM") && !hasCode(error, "EROFS")) throw error;
    throw new UserError(
      `The lock ${file} cannot be read or written`,
      "Run it as the user who owns the platform's state; or give your user the right to write in that folder.",
    );
  }
}
