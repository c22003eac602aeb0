import { type CallOptions, call } from "./call.js";
import { CoarseClock } from "./clock.js";
import { ConsulHttp } from "./consul-http.js";
import type { ServiceEvent } from "./diff.js";
import type { Endpoint } from "./endpoint.js";
import { EndpointGroup } from "./endpoint-group.js";
import type { Environment } from "./environment.js";
import { Closed } from "./errors.js";
import type { EventStream } from "./event-stream.js";
import { type Filter, matches } from "./filter.js";
import { HealthQuery } from "./health-query.js";
import { type Heartbeat, type HeartbeatOptions, heartbeat, type Probe } from "./heartbeat.js";
import type { Instance } from "./instance.js";
import { type Lease, takeLease } from "./lease.js";
import { type Stats, statsOf } from "./metrics.js";
import type { DiscoveryOptions, PickOptions } from "./options.js";
import { Outliers } from "./outliers.js";
import { consulPlace } from "./place.js";
import { Pools } from "./pools.js";
import { type RandomSource, seeded } from "./random-source.js";
import { type Registration, type RegistrationOptions, register } from "./register.js";
import { RetryBudget } from "./retry-budget.js";
import { ServiceCache } from "./service-cache.js";
import type { ServiceEntry, Source } from "./service-entry.js";
import { mustFit } from "./shape.js";
import { CALL, DISCOVERY, FOLLOW, HEARTBEAT, mustName, PICK, REGISTRATION } from "./shapes.js";
import { SlowStart } from "./slow-start.js";
import { Snapshot } from "./snapshot.js";
import { StaticCatalog } from "./static-catalog.js";
import { type Subscription, type WatchOptions, watchAsStream, watchWithListener } from "./watch.js";

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

const TICK_MS = 1000;

/** Finds instances of services in Consul; made by `createDiscovery`. */
export class Discovery {
  private readonly options: DiscoveryOptions;
  private readonly env: Environment;
  private readonly http: ConsulHttp;
  private readonly cache: ServiceCache;
  private readonly snapshot: Snapshot;
  private readonly statics: StaticCatalog;
  private readonly budget = new RetryBudget();
  private readonly pools: Pools;
  private readonly random: RandomSource;
  private readonly clock: CoarseClock;
  private readonly now = () => this.clock.look();
  private readonly onError = (error: unknown, service = "") => {
    try {
      this.options.onError?.(error, service);
    } catch {
      // It fails in telling of an error: there is nobody else to tell, and the work goes on.
    }
  };
  private readonly timer: NodeJS.Timeout;
  private readonly snapshotTimer: NodeJS.Timeout | undefined;
  private readonly open = new Set<{ close(): void | Promise<void> }>();
  /** The files that stand in for Consul are read. */
  private readonly ready: Promise<void>;
  private closing: Promise<void> | undefined;

  /** @throws InvalidOption for an option or an environment that cannot be meant */
  constructor(options: DiscoveryOptions) {
    mustFit("createDiscovery", options, DISCOVERY);
    this.options = options;
    this.env = options.env ?? process.env;
    this.random = options.random ?? seeded(Math.random() * 2 ** 32);
    this.clock = new CoarseClock(options.now);
    const { onError } = this;
    const region = options.region ?? this.env.SERVICE_REGION;
    this.pools = new Pools({ random: this.random, clock: this.clock, region }, options.strategy);
    const outliers = new Outliers(options.outliers);
    const slowStart = new SlowStart(options.slowStart);
    const onEjected = (instance: Instance) => options.metrics?.ejected(instance);
    this.http = new ConsulHttp(
      consulPlace(options, this.env),
      options.maxSockets ?? 50,
      options.allowInsecureToken ?? false,
    );
    this.snapshot = new Snapshot({ path: options.snapshot, now: this.now, onError });
    this.statics = new StaticCatalog(onError);
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
    const entry = await this.entryFor("pick", service, options);
    return this.pools.of(entry, options).pick(options.key).instance;
  }

  /** As `pick`; the instance counts as busy until the lease is released, and its outcome is learned from. */
  async acquire(service: string, options: PickOptions = {}): Promise<Lease> {
    const entry = await this.entryFor("acquire", service, options);
    return this.lease(entry, this.pools.of(entry, options).pick(options.key));
  }

  /** Picks without waiting, for hot paths: the service is loaded once and kept up to date. */
  async pool(service: string, options: PickOptions = {}): Promise<ServicePool> {
    const entry = await this.entryFor("pool", service, options);
    entry.isPinned = true;
    const pool = this.pools.of(entry, options);
    const pick = (key?: string) => {
      entry.isUsed = true;
      if (entry.isExpired) this.cache.mustBeServable(entry);
      return pool.pick(key ?? options.key);
    };
    return { pick: (key) => pick(key).instance, acquire: (key) => this.lease(entry, pick(key)) };
  }

  /** Every instance that the filter means, healthy or not, with the age of this knowledge. */
  async instances(service: string, options: Filter & { readonly signal?: AbortSignal } = {}): Promise<ServiceView> {
    mustName("instances", service);
    mustFit("instances", options, FOLLOW);
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
    mustName("watch", service);
    mustFit("watch", options, FOLLOW);
    const tools = { cache: this.cache, open: this.open, onError: this.onError };
    return listener === undefined
      ? watchAsStream(service, options, tools)
      : watchWithListener(service, options, listener, tools);
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
    const { scheme, attempts, attemptTimeoutMs } = rest;
    mustName("fetch", service);
    mustFit("fetch", { scheme, attempts, attemptTimeoutMs }, CALL);
    mustFit("fetch.pick", pick, PICK);
    const entry = await this.entry(service, rest.signal ?? undefined);
    const pool = this.pools.of(entry, pick);
    const next = (tried: ReadonlySet<Endpoint>) => {
      const endpoint = tried.size === 0 ? pool.pick(pick.key) : pool.pickOther(tried, pick.key);
      return endpoint === undefined ? undefined : { endpoint, lease: this.lease(entry, endpoint) };
    };
    return await call(path, rest, { next, budget: this.budget, fetch: this.options.fetch ?? fetch });
  }

  /** Registers an instance that comes and goes; see `RegistrationOptions`. @throws Closed */
  async register(options: RegistrationOptions = {}): Promise<Registration> {
    mustFit("register", options, REGISTRATION);
    if (this.closing !== undefined) throw new Closed();
    const { http, env, random, open } = this;
    const made = register(options, { http, env, random, open, onError: this.onError });
    // A discovery that is closed meanwhile waits for it: nobody else would take it back.
    const waiting = {
      close: () =>
        made.then(
          (registration) => registration.close(),
          () => {},
        ),
    };
    open.add(waiting);
    const registration = await made.finally(() => open.delete(waiting));
    if (this.closing === undefined) return registration;
    await this.closing;
    throw new Closed();
  }

  /** Sends the state of a service with a `ttl` check to its agent until it is closed. @param serviceId its id on the agent */
  heartbeat(serviceId: string, probe: Probe, options: HeartbeatOptions = {}): Heartbeat {
    mustName("heartbeat", serviceId);
    mustFit("heartbeat", options, HEARTBEAT);
    if (this.closing !== undefined) throw new Closed();
    const { http, random, open } = this;
    return heartbeat(serviceId, probe, options, { http, random, open, onError: this.onError });
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

  private async entryFor(verb: string, service: string, options: PickOptions): Promise<ServiceEntry> {
    mustName(verb, service);
    mustFit(verb, options, PICK);
    return await this.entry(service, options.signal);
  }

  private async entry(service: string, signal: AbortSignal | undefined): Promise<ServiceEntry> {
    await this.ready;
    return await this.cache.get(service, signal);
  }

  private lease(entry: ServiceEntry, endpoint: Endpoint): Lease {
    const onOutcome = (instance: Instance, ok: boolean, latencyMs: number) =>
      this.options.metrics?.outcome(instance, ok, latencyMs);
    return takeLease({ group: entry.group, endpoint, now: this.now, onOutcome });
  }
}
