import { isSame } from "./diff.js";
import { Endpoint } from "./endpoint.js";
import type { Instance } from "./instance.js";
import { isEjected, type Outliers } from "./outliers.js";
import type { SlowStart } from "./slow-start.js";

/** What a group needs; shared by all groups of a discovery. */
export interface EndpointGroupOptions {
  readonly outliers: Outliers;
  readonly slowStart: SlowStart;
  /** Milliseconds from an arbitrary moment, never going backwards. */
  readonly now: () => number;
  /** Called for each ejection. @default - nothing */
  readonly onEjected?: (instance: Instance) => void;
}

/** All instances of one service with what was measured of them, and who is to be told when the choice changes. */
export class EndpointGroup {
  /** In the order of the keys. */
  endpoints: readonly Endpoint[] = [];
  readonly outliers: Outliers;
  private readonly options: EndpointGroupOptions;
  private readonly listeners = new Set<() => void>();
  private isLoaded = false;
  /** Nothing ejected, nothing to forgive, nothing warming. */
  private isQuiet = true;

  constructor(options: EndpointGroupOptions) {
    this.options = options;
    this.outliers = options.outliers;
  }

  /** Calls back whenever the candidates may have changed. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /**
   * Takes in a reading of the service. An instance that stays at its address keeps its measurements; one that comes, or
   * comes back from critical, warms up, except with the first reading, when all are new.
   * @param instances in the order of their keys
   */
  update(instances: readonly Instance[]): void {
    const old = new Map(this.endpoints.map((each) => [each.instance.key, each]));
    const isSameList =
      this.isLoaded &&
      instances.length === old.size &&
      instances.every((is) => {
        const was = old.get(is.key)?.instance;
        return was !== undefined && isSame(was, is);
      });
    if (isSameList) return;
    this.endpoints = instances.map((is) => this.endpointOf(is, old.get(is.key)));
    this.isLoaded = true;
    this.changed();
  }

  /** Takes in one finished call. @param latencyMs undefined where it says nothing */
  observe(endpoint: Endpoint, ok: boolean, latencyMs: number | undefined): void {
    const now = this.options.now();
    endpoint.observe(ok, latencyMs, now);
    if (!this.outliers.observe(endpoint, ok, this.endpoints, now)) return;
    this.isQuiet = false;
    this.options.onEjected?.(endpoint.instance);
    this.changed();
  }

  /** Ends what is over: ejections and warming up. To be called about once a second. */
  sweep(): void {
    if (this.isQuiet) return;
    const now = this.options.now();
    let ended = false;
    for (const endpoint of this.endpoints) {
      const wasWarming = endpoint.warmingSince >= 0;
      this.options.slowStart.sweep(endpoint, now);
      if (wasWarming && endpoint.warmingSince < 0) ended = true;
      if (this.outliers.sweep(endpoint, now)) {
        this.options.slowStart.begin(endpoint, now);
        ended = true;
      }
    }
    this.isQuiet = this.endpoints.every((each) => !isEjected(each) && each.ejections === 0 && each.warmingSince < 0);
    if (ended) this.changed();
  }

  private endpointOf(is: Instance, old: Endpoint | undefined): Endpoint {
    const now = this.options.now();
    if (old === undefined || old.instance.address !== is.address || old.instance.port !== is.port) {
      const endpoint = new Endpoint(is);
      if (this.isLoaded) this.warm(endpoint, now);
      return endpoint;
    }
    if (old.instance.health === "critical" && is.health !== "critical") this.warm(old, now);
    old.instance = is;
    return old;
  }

  private warm(endpoint: Endpoint, now: number): void {
    this.options.slowStart.begin(endpoint, now);
    if (endpoint.warmingSince >= 0) this.isQuiet = false;
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
