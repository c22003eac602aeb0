/** What stands between this opening line's brace and the one that closes it. */
export function blockOf(text: string, opening: string): string {
  const start = text.indexOf(opening);
  if (start < 0) throw new Error(`there is no ${opening}`);
  let depth = 1;
  for (let at = start + opening.length; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}") depth--;
    if (depth === 0) return text.slice(start + opening.length, at);
  }
  throw new Error(`${opening} is never closed`);
}

/** The arguments of each use of a directive, in order. */
export function valuesOf(text: string, directive: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\\s*${directive}\\s+([^;]*);`, "gm"))].map((match) => match[1] ?? "");
}
