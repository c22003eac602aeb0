import { ConsistentHash } from "./strategies/consistent-hash.js";
import { HealthBased } from "./strategies/health-based.js";
import { LeastConnections } from "./strategies/least-connections.js";
import { PowerOfTwo } from "./strategies/p2c.js";
import { Random } from "./strategies/random.js";
import { RegionBased } from "./strategies/region-based.js";
import { RoundRobin } from "./strategies/round-robin.js";
import { Weighted } from "./strategies/weighted.js";
import type { StrategyFactory } from "./strategy.js";

/** The strategies that come with the package. STRATEGIES.md says which is for what. */
export const STRATEGIES = {
  p2c: (tools) => new PowerOfTwo(tools),
  random: (tools) => new Random(tools),
  "round-robin": (tools) => new RoundRobin(tools),
  "least-connections": (tools) => new LeastConnections(tools),
  "health-based": (tools) => new HealthBased(tools),
  "region-based": (tools) => new RegionBased(tools),
  weighted: (tools) => new Weighted(tools),
  "consistent-hash": () => new ConsistentHash(),
} as const satisfies Readonly<Record<string, StrategyFactory>>;

/** The name of one of them. */
export type StrategyName = keyof typeof STRATEGIES;

/** A strategy by its name, or an own one. */
export type StrategyChoice = StrategyName | StrategyFactory;
