import type { Load } from "../endpoint.js";
import type { RandomSource } from "../random-source.js";
import type { Strategy } from "../strategy.js";

const { max } = Math;

/**
 * The instance with the fewest unreleased leases for its weight; among equals each with the same probability. Looks at
 * all of them: for calls of very different length and up to some hundred instances.
 */
export class LeastConnections implements Strategy {
  readonly name = "least-connections";
  private candidates: readonly Load[] = [];
  private readonly random: RandomSource;

  constructor({ random }: { readonly random: RandomSource }) {
    this.random = random;
  }

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
  }

  pick(): Load | undefined {
    let least = Number.POSITIVE_INFINITY;
    let equals = 0;
    for (const candidate of this.candidates) {
      const load = loadOf(candidate);
      if (load < least) {
        least = load;
        equals = 1;
      } else if (load === least) equals++;
    }
    // A second look instead of a list of equals: nothing is allocated, and no equal is preferred.
    let skip = equals === 1 ? 0 : this.random.below(equals);
    for (const candidate of this.candidates) if (loadOf(candidate) === least && skip-- === 0) return candidate;
    return undefined;
  }
}

/** What it would carry with one call more, for its weight; of no weight, more than any other. */
function loadOf({ inFlight, weight }: Load): number {
  return (inFlight + 1) / max(weight, 1e-9);
}
