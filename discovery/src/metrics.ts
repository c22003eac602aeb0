import type { Instance } from "./instance.js";
import { isEjected } from "./outliers.js";
import type { ServiceCache } from "./service-cache.js";
import type { ServiceEntry, Source } from "./service-entry.js";

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

/** The numbers of everything that a cache knows. */
export function statsOf(cache: ServiceCache, now: number): Stats {
  const known = [...cache.entries.values()].filter(({ instances }) => instances !== undefined);
  return {
    services: new Map(known.map((entry) => [entry.service, serviceStatsOf(entry, now)])),
    watches: cache.watches.size,
    ...cache.counts,
  };
}

function serviceStatsOf(entry: ServiceEntry, now: number): ServiceStats {
  const { endpoints } = entry.group;
  const ejected = endpoints.filter(isEjected);
  const available = endpoints.filter((each) => each.instance.health !== "critical" && !isEjected(each));
  return {
    picks: [...entry.pools.values()].reduce((sum, { picks }) => sum + picks, 0),
    instances: endpoints.length,
    available: available.length,
    ejected: ejected.length,
    ageMs: entry.ageMs(now),
    source: entry.source,
    watched: entry.watch !== undefined,
  };
}
