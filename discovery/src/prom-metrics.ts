import type { Metrics, Stats } from "./metrics.js";

type Labels = Record<string, string>;

/** As much of prom-client as is used: hand over the module itself, `promMetrics(require("prom-client"))`. */
export interface PromClient<R> {
  readonly Counter: new (options: PromOptions<R>) => { inc(labels: Labels, value?: number): void; reset(): void };
  readonly Gauge: new (options: PromOptions<R>) => { set(labels: Labels, value: number): void; reset(): void };
  readonly Histogram: new (
    options: PromOptions<R> & { buckets: number[] },
  ) => { observe(labels: Labels, value: number): void };
}

interface PromOptions<R> {
  name: string;
  help: string;
  labelNames: string[];
  registers?: R[];
  collect?: () => void;
}

/** Seconds; a call within a datacenter lies between the first and the last. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Metrics for Prometheus, all named `discovery_*`. prom-client is the application's own, so that they appear beside its
 * others.
 * @param register where they are registered. @default prom-client's own registry
 */
export function promMetrics<R>(client: PromClient<R>, register?: R): Metrics {
  const registers = register === undefined ? {} : { registers: [register] };
  const options = (name: string, help: string, labelNames: string[] = []) => ({
    name: `discovery_${name}`,
    help,
    labelNames,
    ...registers,
  });
  let read: (() => Stats) | undefined;
  const gauge = (name: string, help: string, labels: string[], set: (stats: Stats, to: Setter) => void) => {
    const metric = new client.Gauge({
      ...options(name, help, labels),
      collect: () => {
        metric.reset();
        if (read !== undefined) set(read(), (value, of = {}) => metric.set(of, value));
      },
    });
  };
  const ofService = (name: string, help: string, value: (stats: ServiceOf) => number) =>
    gauge(name, help, ["service"], (stats, set) => {
      for (const [service, each] of stats.services) set(value(each), { service });
    });
  const total = (name: string, help: string, labels: string[], add: (stats: Stats, to: Setter) => void) => {
    const metric = new client.Counter({
      ...options(name, help, labels),
      collect: () => {
        metric.reset();
        if (read !== undefined) add(read(), (value, of = {}) => metric.inc(of, value));
      },
    });
  };
  total("picks_total", "Instances picked", ["service"], (stats, add) => {
    for (const [service, { picks }] of stats.services) add(picks, { service });
  });
  total("cache_requests_total", "Requests for a service, by whether it was known", ["result"], (stats, add) => {
    add(stats.hits, { result: "hit" });
    add(stats.misses, { result: "miss" });
  });
  total("consul_failures_total", "Readings of Consul that failed", [], (stats, add) => add(stats.failures));
  gauge("watches", "Services watched by blocking queries", [], (stats, set) => set(stats.watches));
  ofService("age_seconds", "Seconds since the service was last known to be right", ({ ageMs }) => ageMs / 1000);
  ofService("instances", "Instances known", ({ instances }) => instances);
  ofService("available_instances", "Instances that are healthy and not ejected", ({ available }) => available);
  ofService("ejected_instances", "Instances ejected now", ({ ejected }) => ejected);
  const ejections = new client.Counter(options("ejections_total", "Ejections", ["service"]));
  const latency = new client.Histogram({
    ...options("call_seconds", "Seconds that calls took", ["service", "ok"]),
    buckets: BUCKETS,
  });
  return {
    start: (stats) => {
      read = stats;
    },
    outcome: ({ service }, ok, latencyMs) => latency.observe({ service, ok: String(ok) }, latencyMs / 1000),
    ejected: ({ service }) => ejections.inc({ service }),
  };
}

type Setter = (value: number, labels?: Labels) => void;
type ServiceOf = Stats["services"] extends ReadonlyMap<string, infer S> ? S : never;
