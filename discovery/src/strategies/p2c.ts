import type { Clock } from "../clock.ts";
import type { Load } from "../endpoint.ts";
import type { RandomSource } from "../random-source.ts";
import type { Strategy, StrategyTools } from "../strategy.ts";

const { max } = Math;

/** What an instance is taken to cost that has calls under way and has not answered one yet, in ms: tower's default. */
const UNKNOWN_MS = 1000;

/**
 * The better of two random instances ("power of two choices"). Better is what is expected to answer sooner: latency
 * times the calls that it would then carry, for its weight and its share of good calls. The longest queue grows with
 * ln ln n instead of ln n, and no caller needs to see all instances. The default.
 */
export class PowerOfTwo implements Strategy {
  readonly name = "p2c";
  private candidates: readonly Load[] = [];
  private readonly random: RandomSource;
  private readonly clock: Clock;

  constructor({ random, clock }: Pick<StrategyTools, "random" | "clock">) {
    this.random = random;
    this.clock = clock;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
  }

  pick(): Load | undefined {
    const { candidates } = this;
    const count = candidates.length;
    if (count < 2) return candidates[0];
    const first = this.random.below(count);
    // The second is another one, and each other one is as likely.
    const step = 1 + this.random.below(count - 1);
    const one = candidates[first];
    const other = candidates[first + step < count ? first + step : first + step - count];
    if (one === undefined || other === undefined) return one;
    const { now } = this.clock;
    return cost(one, now) <= cost(other, now) ? one : other;
  }
}

function cost(load: Load, now: number): number {
  const measured = load.latencyMs(now);
  const latency = measured > 0 ? measured : load.inFlight > 0 ? UNKNOWN_MS : 0;
  // An instance that fails fast would look like the best of all.
  const good = max(0.05, 1 - load.errorRate(now));
  return (latency * (load.inFlight + 1)) / (max(load.weight, 1e-9) * good * good);
}
