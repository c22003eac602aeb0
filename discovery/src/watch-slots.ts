import type { HealthQuery, Reading } from "./health-query.js";
import type { RandomSource } from "./random-source.js";
import type { ServiceEntry } from "./service-entry.js";
import { WatchLoop } from "./watch-loop.js";

/** What the slots need. */
export interface WatchSlotsOptions {
  /** Most watches at once. */
  readonly most: number;
  /** A watch is taken from a service that was not used for so many ms longer than another. */
  readonly keepMs: number;
  readonly backoffMs: readonly [number, number];
  readonly query: HealthQuery;
  readonly random: RandomSource;
  readonly now: () => number;
  /** @returns whether it is a change */
  readonly onReading: (entry: ServiceEntry, reading: Reading) => boolean;
  readonly onError: (entry: ServiceEntry, error: unknown) => void;
}

/** Gives the bounded number of watches to the services that were used last. */
export class WatchSlots {
  private readonly watched = new Set<ServiceEntry>();
  private readonly options: WatchSlotsOptions;

  constructor(options: WatchSlotsOptions) {
    this.options = options;
  }

  /** Watches now. */
  get size(): number {
    return this.watched.size;
  }

  /** Watches a service from now on, if a place is free. */
  offer(entry: ServiceEntry): void {
    if (entry.watch !== undefined || this.watched.size >= this.options.most) return;
    const { query, random, now, backoffMs, onReading, onError } = this.options;
    this.watched.add(entry);
    entry.watch = new WatchLoop({
      service: entry.service,
      query,
      random,
      now,
      backoffMs,
      // Of a service that stands on a snapshot Consul has said nothing yet.
      index: entry.source === "consul" && entry.error === undefined ? entry.index : 0,
      onReading: (reading) => onReading(entry, reading),
      onError: (error) => onError(entry, error),
      onRecovered: () => this.retrySoon(),
    });
  }

  /** Ends the watch of a service. */
  release(entry: ServiceEntry): void {
    if (!this.watched.delete(entry)) return;
    entry.watch?.stop();
    entry.watch = undefined;
  }

  /** Moves one place, at most, from the service that was used least lately to one that was used much later. */
  rotate(entries: Iterable<ServiceEntry>): void {
    let newest: ServiceEntry | undefined;
    for (const entry of entries)
      if (entry.watch === undefined && entry.instances !== undefined && rank(entry) > rank(newest)) newest = entry;
    if (newest === undefined || !(rank(newest) > Number.NEGATIVE_INFINITY)) return;
    if (this.watched.size >= this.options.most) {
      let oldest: ServiceEntry | undefined;
      for (const entry of this.watched) if (oldest === undefined || rank(entry) < rank(oldest)) oldest = entry;
      if (oldest === undefined || rank(newest) - rank(oldest) < this.options.keepMs) return;
      this.release(oldest);
    }
    this.offer(newest);
  }

  close(): void {
    for (const entry of [...this.watched]) this.release(entry);
  }

  /** After an outage the first that is answered has the others follow, each at a moment of its own. */
  private retrySoon(): void {
    for (const { watch } of this.watched) watch?.retrySoon();
  }
}

/** What somebody listens to comes before everything that is only used. */
function rank(entry: ServiceEntry | undefined): number {
  if (entry === undefined) return Number.NEGATIVE_INFINITY;
  return entry.listeners.size > 0 || entry.isPinned ? Number.MAX_SAFE_INTEGER : entry.lastUsed;
}
