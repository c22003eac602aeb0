import type { Clock } from "../clock.js";
import { DECAY_MS, type Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy, StrategyTools } from "../strategy.js";

const { exp, floor, max, min } = Math;

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
    // One number for both, each pair as likely. No call from here on: V8 inlines so much and no more, and one that it
    // leaves allocates what goes in and comes out.
    const pair = this.random.below(count * (count - 1));
    const first = pair % count;
    const second = (first + 1 + floor(pair / count)) % count;
    const { now } = this.clock;
    let chosen = candidates[first];
    let least = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 2; turn++) {
      const load = candidates[turn === 0 ? first : second];
      if (load === undefined) continue;
      const kept = exp(min(0, load.measuredAt - now) / DECAY_MS);
      const latency = load.lastLatencyMs * kept || (load.inFlight > 0 ? UNKNOWN_MS : 0);
      // An instance that fails fast would look like the best of all.
      const good = max(0.05, 1 - load.lastErrorRate * kept);
      const cost = (latency * (load.inFlight + 1)) / (max(load.weight, 1e-9) * good * good);
      if (cost < least) {
        least = cost;
        chosen = load;
      }
    }
    return chosen;
  }
}
