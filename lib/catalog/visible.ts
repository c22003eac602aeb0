import { isPrintable } from "../printable";

/** What makes an emoji of a character, as in ❤️, shows. */
const EMOJI = /\p{Emoji}\ufe0f/gu;
/** A braille pattern without a dot. */
const BLANK = "\u2800";

/**
 * The first character of a text that nobody sees, as `U+200B`; undefined where there is none. Two tags that look alike
 * would be two, and a text could be read otherwise than it is.
 */
export function invisibleIn(text: string): string | undefined {
  const found = [...text.replace(EMOJI, "")].find((each) => each === BLANK || !isPrintable(each));
  return found === undefined
    ? undefined
    : `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
