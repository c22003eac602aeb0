/** The time as of the last look at the clock: at most a second old, and free to read. */
export interface Clock {
  /** Milliseconds from an arbitrary moment, never going backwards. */
  readonly now: number;
}

/** Looks at the clock for those who only read it. */
export class CoarseClock implements Clock {
  now: number;
  private readonly exact: () => number;

  /** @param exact milliseconds from an arbitrary moment. @default performance.now */
  constructor(exact: () => number = () => performance.now()) {
    this.exact = exact;
    this.now = exact();
  }

  /** Looks at the clock. */
  look(): number {
    this.now = this.exact();
    return this.now;
  }
}
