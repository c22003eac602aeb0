import { performance } from "node:perf_hooks";
import { printable } from "../../lib/printable.js";
import { colourFor } from "./colour.js";

const start = performance.now();
const colour = colourFor(process.stderr);
let isQuiet = false;

/** A plain line with the seconds since the start, on standard error: standard output is for results. */
export function report(line: string): void {
  if (isQuiet) return;
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${colour.dim(`${seconds} s`)}  ${printable(line)}\n`);
}

/** Seconds since the start of this run, one decimal. */
export function elapsed(): number {
  return Math.round((performance.now() - start) / 100) / 10;
}

/** Leaves out every line of progress from now on, as `--quiet` asks. */
export function quiet(): void {
  isQuiet = true;
}
