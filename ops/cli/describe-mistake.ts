import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { cannotRun } from "../../lib/cannot-run.js";
import { hasCode } from "../../lib/error-code.js";
import { printableLines } from "../../lib/printable.js";
import { CommandFailed } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";
import { pathTo } from "./program.js";
import { UsageError } from "./usage-error.js";

/**
 * What a person reads about an error of a command. After one in calling it comes how to see its help. Pure.
 * @param called how a person calls the program, such as `npx rollcall`
 */
export function describeMistake(error: unknown, command: CommandUnknownOpts, called: string): string {
  const words = pathTo(command);
  const help = `Run \`${[called, ...words.slice(1)].join(" ")} --help\`.`;
  if (error instanceof CommanderError) {
    // Commander ends with a line such as "(Did you mean --json?)".
    const [what = "", meant] = error.message.replace(/^error: /, "").split("\n");
    const sentence = error.code === "commander.help" ? `\`${words.join(" ")}\` needs one of its commands` : what;
    const remedy = meant === undefined ? help : `${meant.slice(1, -1)} ${help}`;
    return printableLines(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}\n${remedy}`);
  }
  const description = describeError(error);
  return error instanceof UsageError ? `${description}${error.remedy === "" ? "\n" : " "}${help}` : description;
}

/** An error as a person reads it: what is wrong, then what to do. A stack trace is for a defect of ours alone. */
function describeError(error: unknown): string {
  const explained = error instanceof CommandFailed ? (cannotRun(error) ?? error) : error;
  if (explained instanceof UserError)
    return printableLines([explained.message, explained.remedy].filter(Boolean).join("\n"));
  if (explained instanceof CommandFailed) return printableLines(explained.message);
  const refused = whatTheSystemRefused(explained);
  if (refused !== undefined) return printableLines(refused);
  return `This is a defect of Rollcall, please report it:\n${error instanceof Error ? error.stack : String(error)}`;
}

/** What to say about a file that the system did not let us read or write; undefined for another error. */
function whatTheSystemRefused(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("path" in error)) return undefined;
  if (hasCode(error, "ENOSPC"))
    return `${error.path} cannot be written: no space is left on the disk\nFree some space, and run it again.`;
  return ["EACCES", "EPERM", "EROFS"].some((code) => hasCode(error, code))
    ? `You are not permitted to use ${error.path} (${error.message})\nHave its owner run this, or work in a clone of your own.`
    : undefined;
}
