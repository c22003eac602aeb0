import fc from "fast-check";

/** Halves of pairs: no characters. */
const HALVES = { first: 0xd800, count: 0x800 };

/** Every character. Both ways, so that fast-check also draws texts that are trouble in JavaScript, such as `__proto__`. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - HALVES.count }).map(
  (n) => String.fromCodePoint(n < HALVES.first ? n : n + HALVES.count),
  (text) => {
    const n = typeof text === "string" && [...text].length === 1 ? text.codePointAt(0) : undefined;
    if (n === undefined || /\p{Surrogate}/u.test(String(text))) throw new Error("no character");
    return n < HALVES.first ? n : n - HALVES.count;
  },
);

/** Any text. (fast-check's unit "binary" makes a table of a million characters first, in each file that asks for one.) */
export function anyTextUpTo(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: anyCharacter, maxLength });
}
