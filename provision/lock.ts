import { join } from "node:path";
import { takeLock } from "../lib/lock-file.js";
import { waitUntil } from "../lib/wait-until.js";

/**
 * Does something that two runs must not do at the same time; the second one waits and says so.
 *
 * The lock is a file in the folder, which is private: no other user of the machine can take its name first. It ends with
 * its process, however that ends, so nothing is ever left locked.
 */
export async function withLock<T>(folder: string, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const release = await waitUntil<() => void, number>({
    pauseMs: 1000,
    look: async () => {
      const lock = await takeLock(join(folder, "lock"), "prepare");
      return "release" in lock ? { found: lock.release } : { missing: lock.holder.pid };
    },
    progress: (pid) => `another run (process ${pid}) is preparing images and providers; waiting for it`,
    report,
    sayAgainSeconds: 30,
  });
  try {
    return await work();
  } finally {
    release();
  }
}
