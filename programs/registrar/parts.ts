import { setTimeout as sleep } from "node:timers/promises";
import type { Agent } from "./agent.js";
import { Unreachable } from "./consul.js";
import type { Files, Placed } from "./files.js";
import type { Journal } from "./journal.js";
import type { Report } from "./report.js";
import type { Teller } from "./teller.js";

/** What the parts of the registrar have in common. */
export interface Parts {
  readonly agent: Agent;
  readonly files: Files;
  readonly journal: Journal;
  readonly report: Report;
  readonly teller: Teller;
  /** What is in place, by the service's id. */
  readonly placed: Map<string, Placed>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 250;

/** Does something again and again, with a pause of its choice; what fails is told, and tried again. */
export async function forever(
  parts: Parts,
  failing: { readonly thing: string; readonly what: string },
  turn: () => Promise<number>,
  afterFailure: () => void,
): Promise<void> {
  while (!parts.signal.aborted) {
    let pause = RETRY_MS;
    try {
      pause = await turn();
    } catch (error) {
      afterFailure();
      failed(parts, failing, error);
    }
    await sleep(pause, undefined, { signal: parts.signal }).catch(() => {});
  }
}

/** Tells why something failed; where the agent went away, what it took last is told again. */
export function failed(
  { report, teller }: Parts,
  { thing, what }: { readonly thing: string; readonly what: string },
  error: unknown,
): void {
  const why = error instanceof Error ? error.message : error;
  if (error instanceof Error && "syscall" in error) report.trouble("files", `files: cannot be written: ${why}`);
  else report.trouble(thing, `${what}: ${why}`);
  if (!(error instanceof Unreachable)) return;
  try {
    teller.agentWentAway();
  } catch (unwritten) {
    report.trouble("files", `files: cannot be written: ${unwritten instanceof Error ? unwritten.message : unwritten}`);
  }
}

/** Counts what is in place and what the agent must still be told. */
export function count({ report, journal, placed }: Parts): void {
  report.registered = placed.size;
  report.untold = journal.orders.size;
}
