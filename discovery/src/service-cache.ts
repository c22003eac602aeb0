import { abortable } from "./abortable.js";
import { Backoff } from "./backoff.js";
import { diff } from "./diff.js";
import type { EndpointGroup } from "./endpoint-group.js";
import { Closed, ConsulRefused, HiddenByAcl, TooOld } from "./errors.js";
import type { HealthQuery, Reading } from "./health-query.js";
import type { Instance } from "./instance.js";
import type { RandomSource } from "./random-source.js";
import { Semaphore } from "./semaphore.js";
import { type EventsListener, ServiceEntry } from "./service-entry.js";
import { WatchSlots } from "./watch-slots.js";

/** How much is kept, and for how long. */
export interface CacheOptions {
  /** Milliseconds that a service which is not watched counts as fresh; an older one is served and requested again. @default 30000 */
  readonly ttlMs?: number;
  /** Milliseconds after which what is known is not served any more. @default 86400000, a day */
  readonly maxAgeMs?: number;
  /** Services that are watched by blocking queries; a connection each. @default 40 */
  readonly maxWatches?: number;
  /** Services that are remembered. @default 2000 */
  readonly maxServices?: number;
  /** Characters of Consul's answers that are remembered, all services together. @default 67108864 */
  readonly maxCharacters?: number;
  /** First and longest pause after an error, in ms. @default [200, 30000] */
  readonly backoffMs?: readonly [number, number];
}

/** What stands in for Consul where it cannot be asked and nothing is known yet. */
export interface Fallback {
  /**
   * @returns the instances and how old they are, in ms (Infinity if unknown); undefined if it has none
   */
  find(service: string): { readonly instances: readonly Instance[]; readonly ageMs: number } | undefined;
}

/** What the cache works with. */
export interface CacheTools {
  readonly query: HealthQuery;
  readonly random: RandomSource;
  readonly now: () => number;
  readonly newGroup: () => EndpointGroup;
  /** Asked in this order. */
  readonly snapshot: Fallback;
  readonly statics: Fallback;
  /** Called with each error that cannot be thrown to a caller. */
  readonly onError: (error: unknown, service: string) => void;
}

/** Readings that do not block and run at once: what maxSockets leaves beside the watches, and no herd after an outage. */
const READS_AT_ONCE = 8;

/** What is known of every service that was asked for, kept up to date by watches and, beyond their number, by time. */
export class ServiceCache {
  readonly entries = new Map<string, ServiceEntry>();
  readonly watches: WatchSlots;
  /** Readings of Consul, and how many failed. */
  readonly counts = { hits: 0, misses: 0, reads: 0, failures: 0 };
  private readonly tools: CacheTools;
  private readonly ttlMs: number;
  private readonly maxAgeMs: number;
  private readonly limits: { readonly services: number; readonly characters: number };
  private readonly backoffs = new Map<ServiceEntry, Backoff>();
  private readonly backoffMs: readonly [number, number];
  private readonly reads = new Semaphore(READS_AT_ONCE);
  private readonly closed = new AbortController();
  /** The last reading of whatever service failed. */
  private isDown = false;

  constructor(tools: CacheTools, options: CacheOptions = {}) {
    this.tools = tools;
    this.ttlMs = options.ttlMs ?? 30_000;
    this.maxAgeMs = options.maxAgeMs ?? 86_400_000;
    this.limits = { services: options.maxServices ?? 2000, characters: options.maxCharacters ?? 67_108_864 };
    this.backoffMs = options.backoffMs ?? [200, 30_000];
    this.watches = new WatchSlots({
      ...tools,
      most: options.maxWatches ?? 40,
      keepMs: this.ttlMs,
      backoffMs: this.backoffMs,
      onReading: (entry, reading) => this.accept(entry, reading),
      onError: (entry, error) => this.failed(entry, error),
    });
  }

  /**
   * What is known of a service, asked for where nothing is known yet.
   * @throws why it cannot be known; TooOld; Closed; the signal's reason
   */
  async get(service: string, signal?: AbortSignal): Promise<ServiceEntry> {
    if (this.closed.signal.aborted) throw new Closed();
    signal?.throwIfAborted();
    const entry = this.entryOf(service);
    entry.isUsed = true;
    entry.lastUsed = this.tools.now();
    this.counts[entry.instances === undefined ? "misses" : "hits"]++;
    if (entry.instances === undefined) await abortable(this.firstReading(entry), signal);
    else if (this.isExpired(entry)) await abortable(this.refresh(entry), signal);
    else if (this.isDue(entry)) void this.refresh(entry);
    if (this.closed.signal.aborted) throw new Closed();
    this.watches.offer(entry);
    this.mustBeServable(entry);
    return entry;
  }

  /** Tells a listener of every change from now on, and keeps the service up to date for it. @returns what ends it */
  listen(service: string, listener: EventsListener): () => void {
    if (this.closed.signal.aborted) throw new Closed();
    const entry = this.entryOf(service);
    entry.listeners.add(listener);
    if (entry.instances !== undefined) listener(diff([], entry.instances), entry.instances);
    this.watches.offer(entry);
    if (this.isDue(entry)) void this.refresh(entry);
    return () => entry.listeners.delete(listener);
  }

  /** @throws TooOld where what is known is older than the maximum age, or why nothing is known */
  mustBeServable(entry: ServiceEntry): void {
    if (entry.instances === undefined) throw entry.error;
    if (!this.isExpired(entry)) return;
    throw new TooOld(
      `What is known of ${entry.service} is ${Math.round(entry.ageMs(this.tools.now()) / 1000)} s old, and Consul is away`,
      "Bring Consul back, or raise maxAgeMs.",
      { cause: entry.error },
    );
  }

  /** What is to be done about once a second. */
  tick(): void {
    const now = this.tools.now();
    for (const entry of this.entries.values()) {
      if (entry.isUsed) entry.lastUsed = now;
      entry.isUsed = false;
      entry.isExpired = entry.instances !== undefined && this.isExpired(entry);
      entry.group.sweep();
      const isWanted = entry.isPinned || entry.listeners.size > 0 || now - entry.lastUsed < this.ttlMs;
      if (isWanted && this.isDue(entry)) void this.refresh(entry);
    }
    this.watches.rotate(this.entries.values());
  }

  close(): void {
    this.closed.abort();
    this.watches.close();
    this.entries.clear();
  }

  private isExpired(entry: ServiceEntry): boolean {
    return (
      entry.source !== "static" && entry.ageMs(this.tools.now()) > this.maxAgeMs && entry.watch?.isHealthy !== true
    );
  }

  private isDue(entry: ServiceEntry): boolean {
    // A watch asks by itself, before and after errors.
    return entry.watch === undefined && this.tools.now() >= entry.retryAt;
  }

  private async firstReading(entry: ServiceEntry): Promise<void> {
    if (this.isDown && entry.loading === undefined && this.fallBack(entry)) return;
    await this.refresh(entry);
  }

  /** Never throws: the entry has the error. */
  private refresh(entry: ServiceEntry): Promise<void> {
    entry.loading ??= this.reads
      .run(async () => {
        this.counts.reads++;
        const known = entry.source === "consul" ? entry.index : 0;
        this.accept(entry, await this.tools.query.read(entry.service, known, this.closed.signal));
      })
      .catch((error: unknown) => this.failed(entry, error))
      .finally(() => {
        entry.loading = undefined;
      });
    return entry.loading;
  }

  private accept(entry: ServiceEntry, reading: Reading): boolean {
    const now = this.tools.now();
    this.isDown = false;
    this.backoffs.delete(entry);
    entry.error = undefined;
    entry.size = reading.size;
    entry.index = reading.index;
    // A tenth of the time is random: what was read together is not read again together.
    entry.retryAt = now + this.ttlMs * (0.9 + 0.1 * this.tools.random.fraction());
    const isChange = entry.accept(reading.instances, "consul", now - reading.lagMs);
    this.forget();
    return isChange;
  }

  private failed(entry: ServiceEntry, error: unknown): void {
    if (this.closed.signal.aborted) return;
    this.counts.failures++;
    this.isDown = true;
    entry.error = error;
    const backoff = this.backoffs.get(entry) ?? new Backoff(this.tools.random, ...this.backoffMs);
    this.backoffs.set(entry, backoff);
    entry.retryAt = this.tools.now() + backoff.next();
    this.tools.onError(error, entry.service);
    // A refusal is an answer: it is told, not covered up by what was known long ago.
    const isRefusal = error instanceof ConsulRefused || error instanceof HiddenByAcl;
    if (entry.instances === undefined && !isRefusal) this.fallBack(entry);
  }

  private fallBack(entry: ServiceEntry): boolean {
    const now = this.tools.now();
    const old = this.tools.snapshot.find(entry.service);
    if (old !== undefined && old.ageMs <= this.maxAgeMs) {
      entry.accept(old.instances, "snapshot", now - old.ageMs);
      return true;
    }
    const fixed = this.tools.statics.find(entry.service);
    if (fixed !== undefined) entry.accept(fixed.instances, "static", Number.NEGATIVE_INFINITY);
    return fixed !== undefined;
  }

  private entryOf(service: string): ServiceEntry {
    const known = this.entries.get(service);
    if (known !== undefined) return known;
    const entry = new ServiceEntry(service, this.tools.newGroup());
    this.entries.set(service, entry);
    this.forget();
    return entry;
  }

  /** Forgets what was not used for longest where it is too much. What is held, watched for somebody or read stays. */
  private forget(): void {
    let characters = 0;
    for (const { size } of this.entries.values()) characters += size;
    if (this.entries.size <= this.limits.services && characters <= this.limits.characters) return;
    const idle = [...this.entries.values()]
      .filter(({ isPinned, listeners, loading }) => !isPinned && listeners.size === 0 && loading === undefined)
      .sort((one, other) => one.lastUsed - other.lastUsed);
    for (const entry of idle) {
      if (this.entries.size <= this.limits.services && characters <= this.limits.characters) return;
      characters -= entry.size;
      this.watches.release(entry);
      this.backoffs.delete(entry);
      this.entries.delete(entry.service);
    }
  }
}
