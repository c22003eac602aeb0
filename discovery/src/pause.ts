import { setTimeout as sleep } from "node:timers/promises";

/** Waits, and ends early when the signal is aborted; does not keep the process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
