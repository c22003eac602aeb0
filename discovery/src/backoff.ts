import type { RandomSource } from "./random-source.js";

/** How long to wait after failures in a row: twice as long each time, and anywhere below that. */
export class Backoff {
  private failures = 0;
  private readonly random: RandomSource;
  private readonly leastMs: number;
  private readonly mostMs: number;

  constructor(random: RandomSource, leastMs = 200, mostMs = 30_000) {
    this.random = random;
    this.leastMs = leastMs;
    this.mostMs = mostMs;
  }

  /** Milliseconds to wait now. Half of it is random, so that those who failed together do not return together. */
  next(): number {
    const most = Math.min(this.mostMs, this.leastMs * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 30);
    return most * (0.5 + 0.5 * this.random.fraction());
  }

  reset(): void {
    this.failures = 0;
  }
}
