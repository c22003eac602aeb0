import type { Clock } from "./clock.js";
import type { Load } from "./endpoint.js";
import type { RandomSource } from "./random-source.js";

/**
 * Chooses one of several instances. One object serves one group of callers (a service with a filter), so it may keep
 * state. `pick` is the hot path: it should neither allocate nor wait.
 */
export interface Strategy {
  /** As metrics name it. */
  readonly name: string;
  /**
   * The key alone decides: it is not asked again for an instance that warms up or was tried already.
   * @default false
   */
  readonly isSticky?: boolean;
  /**
   * Called before the first pick, and whenever the candidates have changed.
   * @param candidates those to choose among, in the order of their keys; their measurements change in place
   * @param all every instance that the filter means, the unhealthy and ejected ones too
   */
  update(candidates: readonly Load[], all: readonly Load[]): void;
  /**
   * @param key what the caller said that the call belongs to (a user, a session); "" where it said nothing
   * @returns one of the candidates; undefined where there is none
   */
  pick(key: string): Load | undefined;
}

/** What a strategy may use; injected, so that a test can repeat what it did. */
export interface StrategyTools {
  readonly random: RandomSource;
  /** For what was measured; free to read on the hot path. */
  readonly clock: Clock;
  /** The region that this process runs in; undefined if not set. */
  readonly region: string | undefined;
}

/** Makes a strategy for one group of callers. An own strategy is such a function. */
export type StrategyFactory = (tools: StrategyTools) => Strategy;
