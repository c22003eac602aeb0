import { ConsistentHash } from "./strategies/consistent-hash.ts";
import { HealthBased } from "./strategies/health-based.ts";
import { LeastConnections } from "./strategies/least-connections.ts";
import { PowerOfTwo } from "./strategies/p2c.ts";
import { Random } from "./strategies/random.ts";
import { RegionBased } from "./strategies/region-based.ts";
import { RoundRobin } from "./strategies/round-robin.ts";
import { Weighted } from "./strategies/weighted.ts";
import type { StrategyFactory } from "./strategy.ts";

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
