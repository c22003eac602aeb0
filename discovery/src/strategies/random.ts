import type { Load } from "../endpoint.ts";
import type { RandomSource } from "../random-source.ts";
import type { Strategy } from "../strategy.ts";

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
