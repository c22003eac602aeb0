import { z } from "zod";
import { isSecretText } from "./secret";
import { invisibleIn } from "./visible";

/**
 * A text of at most so many characters. Its length is looked at first, and what is longer by no further rule: a pull
 * request may say anything, and no pattern is to work on more than it was made for.
 * @param wants what a message asks for instead of anything else
 */
export function text(longest: number, wants: string) {
  return z.string(wants).max(longest, { error: wants, abort: true });
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
