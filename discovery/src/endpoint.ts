import type { Instance } from "./instance.js";

const { exp, max, min } = Math;

/** How fast what was measured is forgotten: after this long it counts for 1/e of what it did. Finagle's default. */
export const DECAY_MS = 10_000;

/** An instance together with what this process has measured of it: what strategies choose by. */
export interface Load {
  readonly instance: Instance;
  /** Leases that are not released yet. */
  readonly inFlight: number;
  /** Its share of the requests in its present state, as Consul has it; at least 0. */
  readonly weight: number;
  /** What was measured when a call last ended, and that time: `latencyMs` and `errorRate` for who may not allocate. */
  readonly lastLatencyMs: number;
  readonly lastErrorRate: number;
  readonly measuredAt: number;
  /** Milliseconds that a call takes, weighted towards the last and towards peaks; 0 where nothing was measured. */
  latencyMs(now: number): number;
  /** Share of the calls that failed, 0 to 1, weighted towards the last. */
  errorRate(now: number): number;
}

/** The one owner of an instance's measurements; lives as long as the instance keeps its place. */
export class Endpoint implements Load {
  inFlight = 0;
  /** Failed calls since the last good one. */
  failures = 0;
  /** How often it was ejected lately; each makes the next ejection longer. */
  ejections = 0;
  /** The time when an ejection ends; 0 where it is not ejected. */
  ejectedUntil = 0;
  /** The time when it was last ejected or its count last went down. */
  ejectionChangedAt = 0;
  /** The time since when it warms up; -1 where it is warm. */
  warmingSince = -1;
  /** Share of its requests that it is given while it warms up, 0 to 1. */
  warmth = 1;
  lastLatencyMs = 0;
  lastErrorRate = 0;
  measuredAt = 0;

  constructor(public instance: Instance) {}

  get weight(): number {
    return this.instance.weight;
  }

  latencyMs(now: number): number {
    return this.lastLatencyMs * this.kept(now);
  }

  errorRate(now: number): number {
    return this.lastErrorRate * this.kept(now);
  }

  /**
   * Takes in one finished call. The latency is Finagle's "peak EWMA": it jumps to a peak at once and forgets it slowly.
   * @param latencyMs how long it took; undefined where that says nothing about the instance
   */
  observe(ok: boolean, latencyMs: number | undefined, now: number): void {
    const kept = this.kept(now);
    const old = this.lastLatencyMs * kept;
    this.measuredAt = now;
    // A step of a tenth: one failure is no pattern, ten in a row leave little doubt.
    this.lastErrorRate = this.lastErrorRate * kept * 0.9 + (ok ? 0 : 0.1);
    if (latencyMs === undefined || !(latencyMs >= 0)) this.lastLatencyMs = old;
    // A call of no measurable length is still a measurement: 0 means that there is none.
    else this.lastLatencyMs = max(latencyMs > this.lastLatencyMs ? latencyMs : old + latencyMs * (1 - kept), 0.001);
  }

  /** Share of the last measurement that still counts. */
  private kept(now: number): number {
    return exp(min(0, this.measuredAt - now) / DECAY_MS);
  }
}
