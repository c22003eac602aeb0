import { InvalidOption } from "./errors.js";
import { filterKey } from "./filter.js";
import type { PickOptions } from "./options.js";
import { Pool } from "./pool.js";
import type { ServiceEntry } from "./service-entry.js";
import type { Strategy, StrategyTools } from "./strategy.js";
import { STRATEGIES, type StrategyChoice } from "./strategy-by-name.js";

/** Makes the pool of a service for each way of picking from it, once. */
export class Pools {
  private readonly tools: StrategyTools;
  private readonly strategy: StrategyChoice;
  private readonly ownStrategies = new Map<unknown, string>();

  /**
   * @param strategy of picks that name none
   * @throws InvalidOption for one that lacks what it needs
   */
  constructor(tools: StrategyTools, strategy: StrategyChoice = "p2c") {
    this.tools = tools;
    this.strategy = strategy;
    // An own one may count how often it is made.
    if (typeof strategy === "string") STRATEGIES[strategy](tools);
  }

  of(entry: ServiceEntry, options: PickOptions): Pool {
    const { strategy = this.strategy, whenNoneHealthy = "error", tags, meta, version } = options;
    const isPlain = tags === undefined && meta === undefined && version === undefined;
    const name = typeof strategy === "string" ? strategy : this.nameOf(strategy);
    const key = `${name} ${whenNoneHealthy} ${isPlain ? "" : filterKey(options)}`;
    const known = entry.pools.get(key);
    if (known !== undefined) return known;
    const pool = new Pool({
      service: entry.service,
      group: entry.group,
      strategy: this.made(strategy),
      random: this.tools.random,
      whenNoneHealthy,
      ...(isPlain ? {} : { filter: { ...(tags && { tags }), ...(meta && { meta }), ...(version && { version }) } }),
    });
    entry.pools.set(key, pool);
    return pool;
  }

  private made(choice: StrategyChoice): Strategy {
    const strategy = typeof choice === "function" ? choice(this.tools) : STRATEGIES[choice](this.tools);
    if (typeof strategy?.pick === "function" && typeof strategy.update === "function") return strategy;
    throw new InvalidOption("The strategy's function gave no strategy", "Return an object with `update` and `pick`.");
  }

  private nameOf(strategy: unknown): string {
    const name = this.ownStrategies.get(strategy) ?? `own-${this.ownStrategies.size}`;
    this.ownStrategies.set(strategy, name);
    return name;
  }
}
