import type { Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy } from "../strategy.js";

/**
 * One instance after the other: the counts of any two differ by one at most. Begins anywhere, so that many processes
 * which start together do not all call the first.
 */
export class RoundRobin implements Strategy {
  readonly name = "round-robin";
  private candidates: readonly Load[] = [];
  private next = -1;
  private readonly random: RandomSource;

  constructor({ random }: { readonly random: RandomSource }) {
    this.random = random;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
    if (this.next < 0 && candidates.length > 0) this.next = this.random.below(candidates.length);
  }

  pick(): Load | undefined {
    if (this.next >= this.candidates.length) this.next = 0;
    return this.candidates[this.next++];
  }
}
