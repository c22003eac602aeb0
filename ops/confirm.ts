import { createInterface } from "node:readline/promises";
import { UserError } from "../lib/user-error";

/**
 * Asks before something that cannot be undone; goes on after `y` or `yes` alone.
 * @param yes whether the person said so beforehand (`--yes`), as a job without a terminal must
 * @param command the verb with `--yes`, as a person types it
 * @throws UserError where the answer is no, or nobody is there to give one
 */
export async function confirm(question: string, yes: boolean, command: string): Promise<void> {
  if (yes) return;
  if (process.stdin.isTTY !== true)
    throw new UserError(
      "Nobody is there to answer, so nothing was changed",
      `Where that is what you want, run \`${command}\`.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new UserError("Nothing was changed");
  } finally {
    terminal.close();
  }
}
