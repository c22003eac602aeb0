/** Lets so many through at once, and one more each so many milliseconds. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;
  private readonly burst: number;
  private readonly everyMs: number;

  constructor(burst: number, everyMs: number, now: number) {
    this.burst = burst;
    this.everyMs = everyMs;
    this.tokens = burst;
    this.filledAt = now;
  }

  /** Takes one. @returns milliseconds until it is there; 0 where it was */
  take(now: number): number {
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) / this.everyMs);
    this.filledAt = now;
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : -this.tokens * this.everyMs;
  }
}
