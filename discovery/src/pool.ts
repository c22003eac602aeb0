import { Endpoint, type Load } from "./endpoint.js";
import type { EndpointGroup } from "./endpoint-group.js";
import { InvalidOption, NoHealthyInstances, NoInstances } from "./errors.js";
import { type Filter, matches } from "./filter.js";
import { isEjected } from "./outliers.js";
import type { RandomSource } from "./random-source.js";
import type { Strategy } from "./strategy.js";

/** What a pool chooses from, and how. */
export interface PoolOptions {
  readonly service: string;
  readonly group: EndpointGroup;
  readonly strategy: Strategy;
  readonly random: RandomSource;
  /** @default every instance */
  readonly filter?: Filter;
  /** What to do where each instance is critical: say so, or try them all. @default "error" */
  readonly whenNoneHealthy?: "error" | "all";
}

/** An instance that warms up is passed over at most so often for one pick. */
const MOST_PASSED_OVER = 3;

/** Picks from the instances of one service that a filter means. The choice is prepared whenever something changes. */
export class Pool {
  /** Picks so far. */
  picks = 0;
  private readonly options: PoolOptions;
  private readonly strategy: Strategy;
  private all: readonly Endpoint[] = [];
  private candidates: readonly Endpoint[] = [];
  private hasWarming = false;

  constructor(options: PoolOptions) {
    this.options = options;
    this.strategy = options.strategy;
    options.group.onChange(() => this.rebuild());
    this.rebuild();
  }

  /**
   * One of the candidates. Neither waits nor allocates.
   * @param key for consistent-hash, what the call belongs to
   * @throws NoInstances, NoHealthyInstances
   */
  pick(key = ""): Endpoint {
    this.picks++;
    const chosen = this.strategy.pick(key);
    if (!(chosen instanceof Endpoint)) throw this.nothing(chosen);
    return this.hasWarming && chosen.warmth < 1 && this.strategy.isSticky !== true
      ? this.passOver(chosen, key)
      : chosen;
  }

  /** Another candidate than those; undefined where there is none. For a second attempt. */
  pickOther(than: ReadonlySet<Endpoint>, key = ""): Endpoint | undefined {
    for (let attempt = 0; attempt < 4 && this.strategy.isSticky !== true; attempt++) {
      const chosen = this.pick(key);
      if (!than.has(chosen)) return chosen;
    }
    const others = this.candidates.filter((each) => !than.has(each));
    return others[this.options.random.below(others.length)];
  }

  private passOver(first: Endpoint, key: string): Endpoint {
    let chosen: Load | undefined = first;
    for (let passed = 0; passed < MOST_PASSED_OVER; passed++) {
      if (!(chosen instanceof Endpoint)) return first;
      if (chosen.warmth >= 1 || this.options.random.fraction() < chosen.warmth) return chosen;
      chosen = this.strategy.pick(key);
    }
    return chosen instanceof Endpoint ? chosen : first;
  }

  private rebuild(): void {
    const { group, filter, strategy, whenNoneHealthy } = this.options;
    this.all =
      filter === undefined ? group.endpoints : group.endpoints.filter((each) => matches(each.instance, filter));
    this.candidates = candidatesOf(this.all, group.outliers.panicBelow, whenNoneHealthy ?? "error");
    this.hasWarming = this.candidates.some(({ warmth }) => warmth < 1);
    strategy.update(this.candidates, this.all);
  }

  private nothing(chosen: unknown): Error {
    const { service, filter, strategy } = this.options;
    if (chosen !== undefined)
      return new InvalidOption(`The strategy ${strategy.name} gave something else than a candidate`, "Return one.");
    const named = filter === undefined ? "" : ` that ${JSON.stringify(filter)} means`;
    if (this.all.length === 0)
      return new NoInstances(
        `Consul knows no instance of ${service}${named}`,
        "Compare the name and the filter with the catalog.",
      );
    return new NoHealthyInstances(
      `None of the ${this.all.length} instances of ${service}${named} is healthy`,
      'Look at its checks in Consul; to call it all the same, say whenNoneHealthy: "all".',
    );
  }
}

/**
 * Whom to choose among: what passes or warns and is not ejected. Ejections are overlooked where they would leave too
 * few (Envoy's panic), and a weight of 0 where nobody else is left. Where nobody is healthy: those whose agent alone
 * was lost.
 */
export function candidatesOf(
  all: readonly Endpoint[],
  panicBelow: number,
  whenNoneHealthy: "error" | "all",
): readonly Endpoint[] {
  const healthy = all.filter(({ instance }) => instance.health !== "critical");
  const staying = healthy.filter((each) => !isEjected(each));
  const calm = staying.length > 0 && staying.length >= healthy.length * panicBelow ? staying : healthy;
  const weighty = calm.filter(({ weight }) => weight > 0);
  if (weighty.length > 0) return weighty;
  if (calm.length > 0) return calm;
  const lost = all.filter(({ instance }) => instance.agentLost);
  return lost.length > 0 || whenNoneHealthy === "error" ? lost : all;
}
