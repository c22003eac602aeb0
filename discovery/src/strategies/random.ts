import type { Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy } from "../strategy.js";

/** Every instance with the same probability. Needs no state, and is the least even: for many callers of few calls. */
export class Random implements Strategy {
  readonly name = "random";
  private candidates: readonly Load[] = [];
  private readonly random: RandomSource;

  constructor({ random }: { readonly random: RandomSource }) {
    this.random = random;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
  }

  pick(): Load | undefined {
    return this.candidates[this.random.below(this.candidates.length)];
  }
}
