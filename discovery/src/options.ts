import type { Environment } from "./environment.js";
import type { Filter } from "./filter.js";
import type { HealthQueryOptions } from "./health-query.js";
import type { Metrics } from "./metrics.js";
import type { OutlierOptions } from "./outliers.js";
import type { PlaceOptions } from "./place.js";
import type { RandomSource } from "./random-source.js";
import type { CacheOptions } from "./service-cache.js";
import type { SlowStartOptions } from "./slow-start.js";
import type { StrategyChoice } from "./strategy-by-name.js";

/** What `createDiscovery` takes; all of it may be left out. */
export interface DiscoveryOptions extends PlaceOptions, CacheOptions, HealthQueryOptions {
  /**
   * Send the token even where others on the way can read it: over plain HTTP, or over TLS that verifies no certificate,
   * to another host than this one or the platform's `consul-agent-shared`.
   * @default false: such a token is refused when the client is made
   */
  readonly allowInsecureToken?: boolean;
  /** @default process.env */
  readonly env?: Environment;
  /** Most connections to Consul. @default 50 */
  readonly maxSockets?: number;
  /** Of picks that name none. @default "p2c" */
  readonly strategy?: StrategyChoice;
  /** The region that this process runs in. @default the environment's SERVICE_REGION */
  readonly region?: string;
  readonly outliers?: OutlierOptions;
  readonly slowStart?: SlowStartOptions;
  /** A file that remembers what was known, for a start without Consul. @default none */
  readonly snapshot?: string;
  /** Milliseconds between two writings of it. @default 10000 */
  readonly snapshotEveryMs?: number;
  /** The platform's catalog folder, or its parsed files: what is believed where nothing else is known. @default none */
  readonly staticCatalog?: string | readonly unknown[];
  /** Where numbers go: `promMetrics(client)` or an own one. @default nowhere */
  readonly metrics?: Metrics;
  /** Called with each background error, which cannot be thrown to a caller. @default - nothing */
  readonly onError?: (error: unknown, service: string) => void;
  /** @default a seed of Math.random */
  readonly random?: RandomSource;
  /** Milliseconds from an arbitrary moment. @default performance.now */
  readonly now?: () => number;
  /** Makes the calls of `fetch`. @default the global fetch */
  readonly fetch?: typeof fetch;
}

/** What a pick takes besides the service. */
export interface PickOptions extends Filter {
  /** @default the discovery's */
  readonly strategy?: StrategyChoice;
  /** What the call belongs to, for consistent-hash. @default none */
  readonly key?: string;
  /** What to do where each instance is critical: say so, or try them all. @default "error" */
  readonly whenNoneHealthy?: "error" | "all";
  /** Ends the waiting for Consul. @default none */
  readonly signal?: AbortSignal;
}
