import type { Instance } from "./instance.ts";
import type { Source } from "./service-entry.ts";

/** The numbers of one service at this moment. */
export interface ServiceStats {
  /** Picks so far. */
  readonly picks: number;
  /** Instances, and how many of them are healthy and not ejected. */
  readonly instances: number;
  readonly available: number;
  /** Ejected now. */
  readonly ejected: number;
  /** Milliseconds since what is known was last known to be right; Infinity for a static catalog. */
  readonly ageMs: number;
  readonly source: Source;
  readonly watched: boolean;
}

/** The numbers of a discovery at this moment. */
export interface Stats {
  readonly services: ReadonlyMap<string, ServiceStats>;
  /** Services that are watched by blocking queries. */
  readonly watches: number;
  /** Requests for a service that was known already, and that was not. */
  readonly hits: number;
  readonly misses: number;
  /** Readings that did not block, and failures of any reading. */
  readonly reads: number;
  readonly failures: number;
}

/** Where numbers go. Picks are counted inside and read when somebody asks: the hot path calls nothing of it. */
export interface Metrics {
  /** Called once, with what reads the numbers. */
  start(stats: () => Stats): void;
  /** A call was released with an outcome. */
  outcome(instance: Instance, ok: boolean, latencyMs: number): void;
  /** An instance was ejected. */
  ejected(instance: Instance): void;
}
