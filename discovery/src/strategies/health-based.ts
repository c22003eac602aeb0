import type { Clock } from "../clock.ts";
import type { Load } from "../endpoint.ts";
import type { RandomSource } from "../random-source.ts";
import type { Strategy, StrategyTools } from "../strategy.ts";

const { max } = Math;

/** A fraction is a whole number of these: a whole number needs no memory of its own. */
const STEPS = 2 ** 30;
/** No instance falls below this share of its weight: what gets no calls can never show that it has recovered. */
const FLOOR = 0.05;

/**
 * A random instance in proportion to how well it is: its weight in its present state (Consul's `weights.passing` or
 * `weights.warning`; a warning counts half where both are equal), times the square of its share of good calls, times
 * how its latency compares with the fastest.
 */
export class HealthBased implements Strategy {
  readonly name = "health-based";
  private candidates: readonly Load[] = [];
  private scores = new Float64Array(0);
  private readonly random: RandomSource;
  private readonly clock: Clock;

  constructor({ random, clock }: Pick<StrategyTools, "random" | "clock">) {
    this.random = random;
    this.clock = clock;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
    this.scores = new Float64Array(candidates.length);
  }

  pick(): Load | undefined {
    const { candidates, scores } = this;
    const { now } = this.clock;
    let fastest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < candidates.length; index++) {
      const latency = candidates[index]?.latencyMs(now) ?? 0;
      scores[index] = latency;
      if (latency > 0 && latency < fastest) fastest = latency;
    }
    let total = 0;
    for (let index = 0; index < candidates.length; index++) {
      const latency = scores[index] ?? 0;
      total += scores[index] = scoreOf(candidates[index], latency === 0 ? 1 : fastest / latency, now);
    }
    let rest = (this.random.below(STEPS) / STEPS) * total;
    for (let index = 0; index < candidates.length; index++) {
      rest -= scores[index] ?? 0;
      if (rest < 0) return candidates[index];
    }
    return candidates[candidates.length - 1];
  }
}

function scoreOf(load: Load | undefined, speed: number, now: number): number {
  if (load === undefined) return 0;
  const good = 1 - load.errorRate(now);
  // Consul's default gives a warning the weight of a passing check, which says nothing about either.
  const state = load.instance.health === "warning" && load.weight === 1 ? 0.5 : load.weight;
  return max(state, 1e-9) * max(FLOOR, good * good * speed);
}
