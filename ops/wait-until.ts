import { setTimeout as sleep } from "node:timers/promises";
import type { UserError } from "../lib/user-error";
import { stopIfInterrupted } from "./interrupt";

/**
 * Looks twice a second until nothing is missing.
 * @param missing says what is; "" where nothing is
 * @param late makes the error of what is still missing after so many seconds
 */
export async function waitUntil(
  seconds: number,
  missing: () => Promise<string>,
  late: (missing: string) => UserError,
): Promise<void> {
  const begun = Date.now();
  for (;;) {
    stopIfInterrupted();
    const why = await missing();
    if (why === "") return;
    if (Date.now() - begun > seconds * 1000) throw late(why);
    await sleep(500);
  }
}
