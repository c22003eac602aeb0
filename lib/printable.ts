/**
 * What a terminal obeys, or a reader cannot see: control and format characters, line separators, halves of a pair, and
 * every space but the plain one.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Whether a reader sees everything that a text holds. */
export function isPrintable(text: string): boolean {
  return text.search(UNSEEN) === -1;
}

/**
 * A text of somebody else on one line, for a terminal or a comment: what would not show as itself is written as
 * `\u202e`. JSON stays JSON of the same values.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (sign) => SHORT[sign] ?? escaped(sign));
}

/** A text of several lines on one, cut where it is longer than a limit. */
export function oneLine(text: string, most: number): string {
  return cut(printable(text.replace(/\s+/g, " ").trim()), most);
}

/** The same of a text of several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/**
 * A text that is no longer than a limit, and says where it was longer.
 * @param most as many characters are shown
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Never between the halves of a pair.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}… (${text.length - end} characters more)`;
}

function escaped(sign: string): string {
  return Array.from({ length: sign.length }, (_, at) => sign.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}
