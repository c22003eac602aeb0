import { createInterface } from "node:readline/promises";
import { UserError } from "../../lib/user-error.js";

/**
 * Asks before something that cannot be undone; goes on after `y` or `yes` alone.
 * @param yes whether the person said so beforehand (`--yes`), as a job without a terminal must
 * @param command the verb with `--yes`, as a person types it
 * @throws UserError if the answer is no, or there is no terminal
 */
export async function confirm(question: string, yes: boolean, command: string): Promise<void> {
  if (yes) return;
  if (!isSomebodyThere())
    throw new UserError(
      "Nobody is there to answer, so nothing was changed",
      `Where that is what you want, run \`${command}\`.`,
    );
  if (!(await isYes(question))) throw new UserError("Nothing was changed");
}

/** Whether a person at a terminal can answer. */
export function isSomebodyThere(): boolean {
  return process.stdin.isTTY === true;
}

/** Asks at the terminal: true for `y` and `yes` alone. */
export async function isYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
