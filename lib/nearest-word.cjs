// @ts-check
// Plain JavaScript: `ops/run.mjs` needs it before anything is installed.

/**
 * The word that a typing mistake most likely meant; undefined where none is near.
 * @param {string} typed
 * @param {readonly string[]} words
 * @returns {string | undefined}
 */
function nearest(typed, words) {
  const bound = typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3));
  const ranked = words
    .filter((word) => Math.abs(word.length - typed.length) <= bound)
    .map((word) => ({ word, distance: distance(typed.toLowerCase(), word) }))
    .sort((a, b) => a.distance - b.distance || unlike(typed, a.word) - unlike(typed, b.word));
  const best = ranked[0];
  if (best !== undefined && best.distance <= bound) return best.word;
  // `metadata` for `meta`, `deregister` for `deregister_critical_service_after`.
  const stems = words.filter((word) => Math.min(word.length, typed.length) >= 4);
  return stems.find((word) => typed.startsWith(word) || word.startsWith(typed));
}

/**
 * Of words that are equally far: the first letter is seldom mistaken, and letters change places more often than they vanish.
 * @param {string} typed
 * @param {string} word
 */
function unlike(typed, word) {
  return (typed[0] === word[0] ? 0 : 100) + Math.abs(typed.length - word.length);
}

/**
 * Levenshtein's distance: how many letters to insert, remove or replace.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

module.exports = { nearest };
