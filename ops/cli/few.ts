/** The most lines of one kind that are shown; of the rest only the number. */
export const MOST = 5;

/** A few names, and how many more there are. */
export function few(names: readonly string[], most = MOST): string {
  const more = names.length - most;
  return more <= 0 ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${more} more`;
}

/**
 * A few lines, and a last one that says how many more there are. Pure.
 * @param all where the rest can be read, as a sentence's end, e.g. "`npx rollcall verify` names all"
 */
export function fewLines(lines: readonly string[], all: string, most = MOST): readonly string[] {
  const more = lines.length - most;
  return more <= 0 ? lines : [...lines.slice(0, most), `and ${more} more: ${all}`];
}
