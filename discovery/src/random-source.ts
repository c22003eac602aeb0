const { floor, imul } = Math;

/** Random numbers, for choices that cost nanoseconds: whole numbers need no memory of their own, as fractions do. */
export interface RandomSource {
  /** A whole number from 0 up to, and without, the count; each as likely. 0 for a count of 0. */
  below(count: number): number;
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
}

/**
 * Random numbers that are the same for the same seed, so that a test or a simulation can be repeated. The generator
 * is mulberry32: 32 bits of state, a period of 2^32, far more even than any distribution that is measured here.
 * @param seed any whole number; its lowest 32 bits count
 */
export function seeded(seed: number): RandomSource {
  return new Mulberry32(seed);
}

class Mulberry32 implements RandomSource {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  below(count: number): number {
    return floor(((this.next() >>> 0) / 4294967296) * count);
  }

  fraction(): number {
    return (this.next() >>> 0) / 4294967296;
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    const { state } = this;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return mixed ^ (mixed >>> 14);
  }
}
