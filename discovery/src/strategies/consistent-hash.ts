import type { Load } from "../endpoint.js";
import { InvalidOption } from "../errors.js";
import type { Strategy } from "../strategy.js";

const { imul, log } = Math;

/**
 * The same key on the same instance, in every process. Rendezvous hashing (Thaler and Ravishankar, 1998): each
 * instance draws a number for the key, the highest wins. A removed instance's keys alone move, evenly to all others; a
 * new one takes its share alone. In proportion to the weights where they differ.
 */
export class ConsistentHash implements Strategy {
  readonly name = "consistent-hash";
  readonly isSticky = true;
  private candidates: readonly Load[] = [];
  private seeds = new Int32Array(0);
  private isWeighted = false;

  update(candidates: readonly Load[]): void {
    this.candidates = candidates;
    this.seeds = Int32Array.from(candidates, ({ instance }) => hashOf(instance.key));
    this.isWeighted = candidates.some(({ weight }) => weight !== candidates[0]?.weight);
  }

  /** @throws InvalidOption without a key */
  pick(key: string): Load | undefined {
    if (key === "") throw new InvalidOption("consistent-hash has no key to go by", 'Say pick(service, { key: "…" }).');
    const { candidates, seeds, isWeighted } = this;
    const hash = hashOf(key);
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < seeds.length; index++) {
      const draw = mix(hash ^ (seeds[index] ?? 0)) >>> 0;
      // The exponential law makes the highest draw fall in proportion to the weights.
      const score = isWeighted ? (candidates[index]?.weight ?? 0) / -log((draw + 0.5) / 4294967296) : draw;
      if (score > highest) {
        highest = score;
        best = index;
      }
    }
    return candidates[best];
  }
}

/** FNV-1a over the text's UTF-16 units, mixed once more: its high bits alone are not even. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input changes each of the output with probability one half. */
function mix(value: number): number {
  let mixed = value;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
