import { isPrintable } from "../../lib/printable.js";

/** A text as one word for a POSIX shell, whatever it holds; what would not show as itself is there in octal. */
export function quoted(text: string): string {
  if (/^[\w./:@-]+$/.test(text)) return text;
  if (isPrintable(text)) return inQuotes(text);
  const shown = [...text].map((sign) => (isPrintable(sign) ? sign.replace("\\", "\\\\") : octal(sign))).join("");
  return `"$(printf %b ${inQuotes(shown)})"`;
}

/** A text as one word for a POSIX shell, in quotes. Of what does not show as itself nothing is changed. */
export function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function octal(sign: string): string {
  return [...Buffer.from(sign)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
