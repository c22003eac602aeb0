const { imul } = Math;

/** Gives numbers from 0 up to, and without, 1, as `Math.random` does. */
export type RandomSource = () => number;

/**
 * Random numbers that are the same for the same seed, so that a test or a simulation can be repeated. The generator
 * is mulberry32: 32 bits of state, a period of 2^32, far more even than any distribution that is measured here.
 * @param seed any whole number; its lowest 32 bits count
 */
export function seeded(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
