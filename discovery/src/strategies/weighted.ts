import type { Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy } from "../strategy.js";

/** A fraction is a whole number of these: a whole number needs no memory of its own. */
const STEPS = 2 ** 30;

/**
 * A random instance in proportion to Consul's weights. A pick costs the same for any number of instances: Vose's alias
 * method (1991), whose table is made when the candidates change.
 */
export class Weighted implements Strategy {
  readonly name = "weighted";
  private candidates: readonly Load[] = [];
  /** For each column, up to where it is its own candidate, 0 to 1. */
  private own = new Float64Array(0);
  /** For each column, whose candidate the rest of it is. */
  private alias = new Int32Array(0);
  private readonly random: RandomSource;

  constructor({ random }: { readonly random: RandomSource }) {
    this.random = random;
  }

  update(candidates: readonly Load[]): void {
    const count = candidates.length;
    this.candidates = candidates;
    this.own = new Float64Array(count).fill(1);
    this.alias = new Int32Array(count);
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    if (total <= 0) return;
    const share = candidates.map(({ weight }) => (weight * count) / total);
    const small = [...share.keys()].filter((index) => (share[index] ?? 0) < 1);
    const large = [...share.keys()].filter((index) => (share[index] ?? 0) >= 1);
    for (;;) {
      const [poor, rich] = [small.pop(), large.pop()];
      if (poor === undefined || rich === undefined) break;
      this.own[poor] = share[poor] ?? 1;
      this.alias[poor] = rich;
      const left = (share[rich] ?? 0) + (share[poor] ?? 0) - 1;
      share[rich] = left;
      (left < 1 ? small : large).push(rich);
    }
  }

  pick(): Load | undefined {
    const column = this.random.below(this.candidates.length);
    const isOwn = this.random.below(STEPS) < (this.own[column] ?? 1) * STEPS;
    return this.candidates[isOwn ? column : (this.alias[column] ?? 0)];
  }
}
