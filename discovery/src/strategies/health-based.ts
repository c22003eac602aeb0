import type { Clock } from "../clock.js";
import type { Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy, StrategyTools } from "../strategy.js";

const { max } = Math;

/** Milliseconds for which scores hold: to look at all instances for each pick would cost a microsecond. */
const SCORE_MS = 10;
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
  /** The scores of all candidates up to and with each. */
  private sums = new Float64Array(0);
  private scoredAt = Number.NEGATIVE_INFINITY;
  private readonly random: RandomSource;
  private readonly clock: Clock;

  constructor({ random, clock }: Pick<StrategyTools, "random" | "clock">) {
    this.random = random;
    this.clock = clock;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
    this.sums = new Float64Array(candidates.length);
    this.scoredAt = Number.NEGATIVE_INFINITY;
  }

  pick(): Load | undefined {
    const { candidates, sums } = this;
    if (this.clock.now - this.scoredAt >= SCORE_MS) this.score();
    const total = sums[candidates.length - 1] ?? 0;
    const at = (this.random.below(STEPS) / STEPS) * total;
    let [low, high] = [0, candidates.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return candidates[low];
  }

  private score(): void {
    const { candidates, sums } = this;
    const { now } = this.clock;
    this.scoredAt = now;
    let fastest = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
      const latency = candidate.latencyMs(now);
      if (latency > 0 && latency < fastest) fastest = latency;
    }
    let sum = 0;
    for (const [index, candidate] of candidates.entries()) {
      const latency = candidate.latencyMs(now);
      sum += scoreOf(candidate, latency === 0 ? 1 : fastest / latency, now);
      sums[index] = sum;
    }
  }
}

function scoreOf(load: Load, speed: number, now: number): number {
  const good = 1 - load.errorRate(now);
  // Consul's default gives a warning the weight of a passing check, which says nothing about either.
  const state = load.instance.health === "warning" && load.weight === 1 ? 0.5 : load.weight;
  return max(state, 1e-9) * max(FLOOR, good * good * speed);
}
