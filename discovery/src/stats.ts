import type { ServiceStats, Stats } from "./metrics.ts";
import { isEjected } from "./outliers.ts";
import type { ServiceCache } from "./service-cache.ts";
import type { ServiceEntry } from "./service-entry.ts";

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
