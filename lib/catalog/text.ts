import * as z from "zod";
import { isPrintable } from "../printable.js";
import { isSecretText } from "./secret.js";

/** What makes an emoji of a character, as in ❤️, shows. */
const EMOJI = /\p{Emoji}\ufe0f/gu;
/** A braille pattern without a dot. */
const BLANK = "\u2800";

/**
 * A text of at most so many characters. Its length is looked at first, and what is longer by no further rule: a pull
 * request may say anything, and no pattern is to work on more than it was made for.
 * @param wants what a message asks for instead of anything else
 */
export function text(longest: number, wants: string) {
  return z.string(wants).max(longest, { error: wants, abort: true });
}

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

/**
 * A rule for `superRefine`: no character that nobody sees.
 * @param allowed those that may stand in the text all the same
 */
export function visible(wants: string, allowed = "") {
  return (written: string, context: z.RefinementCtx<string>): void => {
    const found = invisibleIn([...written].filter((each) => !allowed.includes(each)).join(""));
    if (found === undefined) return;
    context.addIssue({ code: "custom", message: wants, params: { why: `has the invisible character ${found} in it` } });
  };
}

/** A rule for `superRefine`: nothing that has the form of a secret. The value is not in the message. */
export function open(written: string, context: z.RefinementCtx<string>): void {
  if (!isSecretText(written)) return;
  const fault = "carries a secret: the catalog lies in git, and Consul shows it to everybody";
  context.addIssue({ code: "custom", message: "a text without it", params: { fault } });
}
