import { type Wait, waitUntil as waitFor } from "../../lib/wait-until.js";
import { stopIfInterrupted } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";

/** `lib/wait-until` for a verb: it ends where somebody interrupts the run, and says its progress as every verb does. */
export function waitUntil<T, M = string>(wait: Omit<Wait<T, M>, "interrupt">): Promise<T> {
  return waitFor({ report, ...wait, interrupt: stopIfInterrupted });
}
