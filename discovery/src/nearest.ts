/** The word that a typing mistake most likely meant; undefined where none is near. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const bound = typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3));
  const ranked = words
    .map((word) => ({ word, far: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .sort((one, other) => one.far - other.far);
  return ranked.find(({ far }) => far <= bound)?.word;
}

/** Levenshtein's distance: how many letters to insert, remove or replace. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, theirs] of [...other].entries())
      next.push(Math.min((row[at] ?? 0) + (letter === theirs ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    row = next;
  }
  return row[other.length] ?? 0;
}
