import { pause } from "./abortable.js";
import { Backoff } from "./backoff.js";
import type { HealthQuery, Reading } from "./health-query.js";
import type { RandomSource } from "./random-source.js";
import { TokenBucket } from "./token-bucket.js";

/** What a watch needs. */
export interface WatchLoopOptions {
  readonly service: string;
  readonly query: HealthQuery;
  readonly random: RandomSource;
  readonly now: () => number;
  /** Takes in what came back. @returns whether it is a change */
  readonly onReading: (reading: Reading) => boolean;
  /** Called with the error of a failed query; the watch continues by itself. */
  readonly onError: (error: unknown) => void;
  /** Called when a query succeeds after an error. @default - nothing */
  readonly onRecovered?: () => void;
  /** The index of a reading that is there already; 0 for none. @default 0 */
  readonly index?: number;
  /** First and longest pause after an error, in ms. @default [200, 30000] */
  readonly backoffMs?: readonly [number, number];
}

/** Five returns without a change at once, then one in 3 s: for so long a change may have to wait (decision 011). */
const IDLE = { burst: 5, everyMs: 3000 } as const;
/** A service that really changes is followed more closely: ten changes at once, then one a second. */
const CHANGES = { burst: 10, everyMs: 1000 } as const;

/** What waits after an error tries again within this time, at random, once another watch is answered. */
const SOON_MS = 1000;

/** Follows one service by blocking queries until it is stopped. No error ends it. */
export class WatchLoop {
  /** Whether the last query was answered. */
  isHealthy = false;
  private readonly stopped = new AbortController();
  private readonly options: WatchLoopOptions;
  /** Ends the pause after an error. */
  private resting: AbortController | undefined;

  constructor(options: WatchLoopOptions) {
    this.options = options;
    this.isHealthy = (options.index ?? 0) > 0;
    void this.run();
  }

  /** Aborts what is under way; nothing is reported afterwards. */
  stop(): void {
    this.stopped.abort();
    this.resting?.abort();
  }

  /** Consul answers others again: what waits after an error need not wait to its end. */
  retrySoon(): void {
    this.resting?.abort();
  }

  private async run(): Promise<void> {
    const { service, query, random, now, onReading, onError, backoffMs = [200, 30_000] } = this.options;
    const { signal } = this.stopped;
    const backoff = new Backoff(random, ...backoffMs);
    const idle = new TokenBucket(IDLE.burst, IDLE.everyMs, now());
    const changes = new TokenBucket(CHANGES.burst, CHANGES.everyMs, now());
    let index = this.options.index ?? 0;
    /** Of what was taken in last; an error does not make it less. */
    let known = index;
    let hasFailed = false;
    while (!signal.aborted) {
      try {
        const begun = now();
        const reading = await (index === 0 ? query.read(service, known, signal) : query.wait(service, index, signal));
        if (signal.aborted) return;
        if (hasFailed) this.options.onRecovered?.();
        hasFailed = false;
        this.isHealthy = true;
        backoff.reset();
        const bucket = onReading(reading) ? changes : idle;
        // An index that goes backwards, by the leader's own word, is of another history: a restored snapshot.
        index = reading.index < known ? 0 : reading.index;
        known = reading.index;
        // What came back because its time was over was not woken up by anybody.
        const hasWaited = now() - begun >= Math.min(IDLE.everyMs, query.waitMs);
        const owed = hasWaited ? 0 : bucket.take(now());
        if (owed > 0) await pause(owed, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.isHealthy = false;
        hasFailed = true;
        // What Consul was before the error need not be what it is after it.
        index = 0;
        onError(error);
        await this.rest(backoff.next());
      }
    }
  }

  private async rest(ms: number): Promise<void> {
    const resting = new AbortController();
    this.resting = resting;
    await pause(ms, resting.signal);
    this.resting = undefined;
    if (resting.signal.aborted) await pause(SOON_MS * this.options.random.fraction(), this.stopped.signal);
  }
}
