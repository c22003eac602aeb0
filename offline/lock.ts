import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeLock } from "../lib/lock-file";

const LOOK_AGAIN_MS = 1_000;
const SAY_AGAIN_MS = 30_000;

/**
 * Does something that two runs must not do at the same time; the second one waits and says so.
 *
 * The lock is a file in the folder, which is private: no other user of the machine can take its name first. It ends with
 * its process, however that ends, so nothing is ever left locked.
 */
export async function withLock<T>(folder: string, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  let said = 0;
  for (;;) {
    const lock = await takeLock(join(folder, "lock"), "prepare");
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (Date.now() - said > SAY_AGAIN_MS) {
      said = Date.now();
      report(`another run (process ${lock.holder.pid}) is preparing images and providers; waiting for it`);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}
