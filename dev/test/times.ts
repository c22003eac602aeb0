import type { Wait } from "./waits.js";

/** How long a test file, or a tool that is run as one step, took. */
export interface Took {
  /** e.g. `e2e/03-catalog`. */
  readonly name: string;
  readonly seconds: number;
}

/** How many waits are told. */
const MOST_WAITS = 15;

/**
 * The table at the end of a run: each file with its seconds, the slowest first, and what was waited for longest.
 * @returns its lines
 */
export function timesTable(
  files: readonly Took[],
  waits: readonly (Wait & { readonly times: number })[],
): readonly string[] {
  const slowest = [...files].sort((a, b) => b.seconds - a.seconds);
  return [
    "Seconds by file:",
    ...slowest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)}  ${name}`),
    ...(waits.length === 0 ? [] : ["Waited for longest, in seconds:"]),
    ...waits.slice(0, MOST_WAITS).map(({ file, what, seconds, times }) => {
      const often = times === 1 ? "" : `, ${times} times`;
      return `${seconds.toFixed(1).padStart(8)}  ${file}: ${what}${often}`;
    }),
  ];
}
