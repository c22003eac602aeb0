/**
 * How many second attempts there may be: a fifth of the calls, and ten besides. Where everything fails, retries would
 * otherwise double and treble the load just then. The numbers are Finagle's.
 */
export class RetryBudget {
  private tokens = 10;

  /** One more call. */
  deposit(): void {
    this.tokens = Math.min(100, this.tokens + 0.2);
  }

  /** Whether one more attempt may be made; counts it if so. */
  withdraw(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
