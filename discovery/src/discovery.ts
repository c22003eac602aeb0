import { type CallOptions, call } from "./call.ts";
import { ConsulHttp } from "./consul-http.ts";
import { diff, type ServiceEvent } from "./diff.ts";
import type { Endpoint } from "./endpoint.ts";
import { EndpointGroup } from "./endpoint-group.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { EventStream } from "./event-stream.ts";
import { type Filter, filterKey, matches } from "./filter.ts";
import { HealthQuery } from "./health-query.ts";
import type { Instance } from "./instance.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { Stats } from "./metrics.ts";
import type { DiscoveryOptions, PickOptions } from "./options.ts";
import { Outliers } from "./outliers.ts";
import { Pool } from "./pool.ts";
import { type Registration, type RegistrationOptions, register } from "./register.ts";
import { type Probe, type Report, type ReportOptions, report } from "./report.ts";
import { RetryBudget } from "./retry-budget.ts";
import { ServiceCache } from "./service-cache.ts";
import type { ServiceEntry, Source } from "./service-entry.ts";
import { SlowStart } from "./slow-start.ts";
import { Snapshot } from "./snapshot.ts";
import { StaticCatalog } from "./static-catalog.ts";
import { statsOf } from "./stats.ts";
import { strategyFactory } from "./strategy-by-name.ts";

/** The instances of a service, and how far to believe it. */
export interface ServiceView {
  /** Healthy or not, in the order of their keys. */
  readonly instances: readonly Instance[];
  /** Milliseconds since this was last known to be right; Infinity for a static catalog. */
  readonly ageMs: number;
  readonly source: Source;
  /** Why Consul could not be asked last; undefined where it could. */
  readonly error: unknown;
}

/** Picks from one service without waiting. Kept up to date until the discovery is closed. */
export interface ServicePool {
  /** @throws NoInstances, NoHealthyInstances, TooOld */
  pick(key?: string): Instance;
  /** As `pick`, and counts as busy until it is released. */
  acquire(key?: string): Lease;
}

/** Ends a subscription. */
export interface Subscription {
  close(): void;
}

const TICK_MS = 1000;

/** Finds instances of services in Consul; made by `createDiscovery`. */
export class Discovery {
  private readonly options: DiscoveryOptions;
  private readonly env: Environment;
  private readonly http: ConsulHttp;
  private readonly cache: ServiceCache;
  private readonly snapshot: Snapshot;
  private readonly statics = new StaticCatalog();
  private readonly budget = new RetryBudget();
  private readonly random: () => number;
  private readonly now: () => number;
  private readonly timer: NodeJS.Timeout;
  private readonly snapshotTimer: NodeJS.Timeout | undefined;
  private readonly open = new Set<{ close(): void | Promise<void> }>();
  /** The files that stand in for Consul are read. */
  private readonly ready: Promise<void>;
  private closing: Promise<void> | undefined;

  /** @throws InvalidOption for an environment that cannot be meant */
  constructor(options: DiscoveryOptions) {
    this.options = options;
    this.env = options.env ?? process.env;
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => performance.now());
    const { host, port, tls, token, datacenter, ca } = options;
    const named = Object.entries({ host, port, tls, token, datacenter, ca }).filter(([, value]) => value !== undefined);
    const place = { ...readEnvironment(this.env), ...Object.fromEntries(named) };
    const onError = (error: unknown, service = "") => options.onError?.(error, service);
    const outliers = new Outliers(options.outliers);
    const slowStart = new SlowStart(options.slowStart);
    const onEjected = (instance: Instance) => options.metrics?.ejected(instance);
    this.http = new ConsulHttp(place, options.maxSockets ?? 50);
    this.snapshot = new Snapshot({ path: options.snapshot, now: this.now, onError });
    this.cache = new ServiceCache(
      {
        query: new HealthQuery(this.http, options),
        random: this.random,
        now: this.now,
        newGroup: () => new EndpointGroup({ outliers, slowStart, now: this.now, onEjected }),
        snapshot: this.snapshot,
        statics: this.statics,
        onError,
      },
      options,
    );
    const { staticCatalog, snapshotEveryMs = 10_000 } = options;
    this.ready = Promise.all([
      this.snapshot.load(),
      staticCatalog === undefined ? undefined : this.statics.load(staticCatalog),
    ]).then(() => {});
    // Whoever asks for a service is told; nobody may have asked yet.
    this.ready.catch(() => {});
    this.timer = setInterval(() => this.cache.tick(), TICK_MS).unref();
    const save = () => void this.snapshot.save(this.cache.entries.values());
    this.snapshotTimer = options.snapshot === undefined ? undefined : setInterval(save, snapshotEveryMs).unref();
    options.metrics?.start(() => this.stats());
  }

  /**
   * One instance, by the strategy. A service that is known already costs no request.
   * @throws NoInstances, NoHealthyInstances, TooOld, or why Consul could not be asked
   */
  async pick(service: string, options: PickOptions = {}): Promise<Instance> {
    const entry = await this.entry(service, options.signal);
    return this.poolOf(entry, options).pick(options.key).instance;
  }

  /** As `pick`; the instance counts as busy until the lease is released, and its outcome is learned from. */
  async acquire(service: string, options: PickOptions = {}): Promise<Lease> {
    const entry = await this.entry(service, options.signal);
    return this.lease(entry, this.poolOf(entry, options).pick(options.key));
  }

  /** Picks without waiting, for hot paths: the service is loaded once and kept up to date. */
  async pool(service: string, options: PickOptions = {}): Promise<ServicePool> {
    const entry = await this.entry(service, options.signal);
    entry.isPinned = true;
    const pool = this.poolOf(entry, options);
    const pick = (key?: string) => {
      entry.isUsed = true;
      if (entry.isExpired) this.cache.mustBeServable(entry);
      return pool.pick(key ?? options.key);
    };
    return { pick: (key) => pick(key).instance, acquire: (key) => this.lease(entry, pick(key)) };
  }

  /** Every instance that the filter means, healthy or not, with the age of this knowledge. */
  async instances(service: string, options: Filter & { readonly signal?: AbortSignal } = {}): Promise<ServiceView> {
    const entry = await this.entry(service, options.signal);
    return {
      instances: (entry.instances ?? []).filter((each) => matches(each, options)),
      ageMs: entry.ageMs(this.now()),
      source: entry.source,
      error: entry.error,
    };
  }

  /**
   * Follows a service: first what is there as `added`, then what changes, and nothing else. As an async iterator, or
   * with a listener. Errors do not end it; a signal, `close` and leaving the loop do.
   */
  watch(service: string, options?: WatchOptions): EventStream;
  watch(service: string, options: WatchOptions, listener: (event: ServiceEvent) => void): Subscription;
  watch(
    service: string,
    options: WatchOptions = {},
    listener?: (event: ServiceEvent) => void,
  ): EventStream | Subscription {
    let seen: readonly Instance[] = [];
    let stop = () => {};
    const close = () => {
      stop();
      this.open.delete(subscription);
      options.signal?.removeEventListener("abort", close);
    };
    const stream = new EventStream(close);
    const subscription = listener === undefined ? stream : { close };
    this.open.add(subscription);
    const end = () => subscription.close();
    stop = this.cache.listen(service, (_, all) => {
      const now = all.filter((each) => matches(each, options));
      if (listener === undefined) stream.push(now);
      else for (const event of diff(seen, now)) this.tell(listener, event);
      seen = now;
    });
    if (options.signal?.aborted) end();
    else options.signal?.addEventListener("abort", end, { once: true });
    return subscription;
  }

  /**
   * Calls the service over HTTP: picks, calls, learns from the outcome, and repeats an idempotent call on another
   * instance where one refuses, breaks off, takes too long or answers 502 to 504.
   * @param path from `/` on, with the query
   * @throws what `pick` throws; what the global fetch throws
   */
  async fetch(
    service: string,
    path: string,
    init: CallOptions & { readonly pick?: PickOptions } = {},
  ): Promise<Response> {
    const { pick = {}, ...rest } = init;
    const entry = await this.entry(service, rest.signal ?? undefined);
    const pool = this.poolOf(entry, pick);
    const next = (tried: ReadonlySet<Endpoint>) => {
      const endpoint = tried.size === 0 ? pool.pick(pick.key) : pool.pickOther(tried, pick.key);
      return endpoint === undefined ? undefined : { endpoint, lease: this.lease(entry, endpoint) };
    };
    return await call(path, rest, { next, budget: this.budget, fetch: this.options.fetch ?? fetch });
  }

  /** Registers an instance that comes and goes; see `RegistrationOptions`. */
  async register(options: RegistrationOptions = {}): Promise<Registration> {
    const registration = await register(options, {
      http: this.http,
      env: this.env,
      random: this.random,
      onError: this.options.onError,
    });
    this.open.add(registration);
    return registration;
  }

  /** Reports the state of a service with a `ttl` check until it is closed. @param serviceId its id on the agent */
  report(serviceId: string, probe: Probe, options: ReportOptions = {}): Report {
    const made = report(serviceId, probe, options, {
      http: this.http,
      random: this.random,
      onError: this.options.onError,
    });
    this.open.add(made);
    return made;
  }

  /** The numbers of this moment. */
  stats(): Stats {
    return statsOf(this.cache, this.now());
  }

  /** Ends everything: registrations are taken back, the snapshot is written, no timer and no connection is left. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    clearInterval(this.timer);
    clearInterval(this.snapshotTimer);
    await Promise.all([...this.open].map(async (each) => await each.close()));
    await this.snapshot.save(this.cache.entries.values());
    this.cache.close();
    this.http.close();
  }

  private async entry(service: string, signal: AbortSignal | undefined): Promise<ServiceEntry> {
    await this.ready;
    return await this.cache.get(service, signal);
  }

  private poolOf(entry: ServiceEntry, options: PickOptions): Pool {
    const { strategy = this.options.strategy ?? "p2c", whenNoneHealthy = "error", tags, meta, version } = options;
    const isPlain = tags === undefined && meta === undefined && version === undefined;
    const name = typeof strategy === "string" ? strategy : this.nameOf(strategy);
    const key = isPlain ? `${name} ${whenNoneHealthy}` : `${name} ${whenNoneHealthy} ${filterKey(options)}`;
    const known = entry.pools.get(key);
    if (known !== undefined) return known;
    const region = this.options.region ?? this.env.SERVICE_REGION;
    const pool = new Pool({
      service: entry.service,
      group: entry.group,
      strategy: strategyFactory(strategy)({ random: this.random, now: this.now, region }),
      random: this.random,
      whenNoneHealthy,
      ...(isPlain ? {} : { filter: { ...(tags && { tags }), ...(meta && { meta }), ...(version && { version }) } }),
    });
    entry.pools.set(key, pool);
    return pool;
  }

  private readonly ownStrategies = new Map<unknown, string>();

  private nameOf(strategy: unknown): string {
    const name = this.ownStrategies.get(strategy) ?? `own-${this.ownStrategies.size}`;
    this.ownStrategies.set(strategy, name);
    return name;
  }

  private lease(entry: ServiceEntry, endpoint: Endpoint): Lease {
    const onOutcome = (instance: Instance, ok: boolean, latencyMs: number) =>
      this.options.metrics?.outcome(instance, ok, latencyMs);
    return takeLease({ group: entry.group, endpoint, now: this.now, onOutcome });
  }

  private tell(listener: (event: ServiceEvent) => void, event: ServiceEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.options.onError?.(error, event.instance.service);
    }
  }
}

/** Which instances to follow, and until when. */
export interface WatchOptions extends Filter {
  /** Ends it. @default until it is closed */
  readonly signal?: AbortSignal;
}
