import { setTimeout as sleep } from "node:timers/promises";

/** What one look tells: what is waited for, or what is still missing. */
export type Look<T, M = string> = { readonly found: T } | { readonly missing: M };

/** What is waited for, and for how long. */
export interface Wait<T, M = string> {
  readonly look: () => Promise<Look<T, M>>;
  /** How long to go on looking; it looks at least once. @default for ever */
  readonly seconds?: number;
  /** How often to look at most. @default without end */
  readonly looks?: number;
  /** Between two looks. @default 500 */
  readonly pauseMs?: number;
  /** What to make of what is still missing in the end: throws, or gives what will have to do. @default throws an Error */
  readonly late?: (missing: M) => T;
  /** The line that says what is waited for, "" for none; told how many seconds it has been. @default none */
  readonly progress?: (missing: M, seconds: number) => string;
  /** Takes each such line that is not the same as the one before. */
  readonly report?: (line: string) => void;
  /** After so long the same line is said again. @default never */
  readonly sayAgainSeconds?: number;
  /** Called before each look: what it throws ends the wait. */
  readonly interrupt?: () => void;
}

const EVER = Number.POSITIVE_INFINITY;

/** Looks again and again until it has found what is waited for, and returns that. */
export async function waitUntil<T, M = string>(wait: Wait<T, M>): Promise<T> {
  const { look, seconds = EVER, looks = EVER, pauseMs = 500, sayAgainSeconds = EVER } = wait;
  const begun = Date.now();
  const elapsed = () => (Date.now() - begun) / 1000;
  let said = { line: "", at: 0 };
  for (let count = 1; ; count += 1) {
    wait.interrupt?.();
    const seen = await look();
    if ("found" in seen) return seen.found;
    if (elapsed() >= seconds || count >= looks) return (wait.late ?? inVain)(seen.missing);
    const line = wait.progress?.(seen.missing, elapsed()) ?? "";
    if (line !== "" && (line !== said.line || elapsed() - said.at > sayAgainSeconds)) {
      said = { line, at: elapsed() };
      wait.report?.(line);
    }
    await sleep(pauseMs);
  }
}

/** For a wait that only ends: a look that finds nothing where no reason is left to wait. */
export function unless(missing: string): Look<void> {
  return missing === "" ? { found: undefined } : { missing };
}

function inVain(missing: unknown): never {
  throw new Error(`waited in vain for ${missing}`);
}
