import { diff, type ServiceEvent } from "./diff.js";
import type { EndpointGroup } from "./endpoint-group.js";
import { type Instance, sorted } from "./instance.js";
import type { Pool } from "./pool.js";
import type { WatchLoop } from "./watch-loop.js";

/** Where what is known of a service comes from. */
export type Source = "consul" | "snapshot" | "static";

/** Called with each change. */
export type EventsListener = (events: readonly ServiceEvent[], now: readonly Instance[]) => void;

/** What is known of one service. */
export class ServiceEntry {
  /** In the order of their keys; undefined before the first reading. */
  instances: readonly Instance[] | undefined;
  source: Source = "consul";
  /** The time at which `instances` was last known to be right; -Infinity for a static catalog. */
  confirmedAt = Number.NEGATIVE_INFINITY;
  /** Why Consul could not be asked last; undefined where it could. */
  error: unknown;
  /** The last answer's length in characters. */
  size = 0;
  /** Consul's index of it. */
  index = 0;
  /** The time of the last pick or read. */
  lastUsed = 0;
  /** Used since `lastUsed` was last set: the hot path does not read the clock. */
  isUsed = false;
  /** Too old to be served. */
  isExpired = false;
  /** The time before which Consul is not asked again. */
  retryAt = Number.NEGATIVE_INFINITY;
  watch: WatchLoop | undefined;
  /** The one reading that is under way. */
  loading: Promise<void> | undefined;
  /** Never forgotten: somebody holds a pool of it. */
  isPinned = false;
  readonly pools = new Map<string, Pool>();
  readonly listeners = new Set<EventsListener>();

  constructor(
    readonly service: string,
    readonly group: EndpointGroup,
  ) {}

  /** Milliseconds since it was last known to be right; Infinity for a static catalog. */
  ageMs(now: number): number {
    return Math.max(0, now - this.confirmedAt);
  }

  /**
   * Takes in what is known now.
   * @returns whether it differs from what was known
   */
  accept(instances: readonly Instance[], source: Source, confirmedAt: number): boolean {
    const before = this.instances ?? [];
    const after = sorted(instances);
    const events = diff(before, after);
    const isChange = events.length > 0 || this.instances === undefined;
    this.source = source;
    this.confirmedAt = confirmedAt;
    this.isExpired = false;
    if (!isChange) return false;
    this.instances = after;
    this.group.update(after);
    for (const listener of this.listeners) listener(events, after);
    return true;
  }
}
