import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { hasCode } from "../../lib/error-code.js";
import { useSettingsFile } from "../../lib/settings.js";
import { changesMade } from "./changes-made.js";
import { describeMistake } from "./describe-mistake.js";
import { isInterrupted, onInterrupt } from "./interrupt.js";
import { type EveryOption, isEveryVerbs, onCalled, pathTo } from "./program.js";
import { quiet } from "./progress.js";
import { fromStartFolder } from "./start-folder.js";
import { CALLED_WRONGLY, UsageError } from "./usage-error.js";

/**
 * Runs what the command line asks for, and ends with its exit code; a mistake is printed as a sentence and a remedy.
 * @param calledAs how a person calls the program, such as `npx rollcall`
 */
export async function runProgram(
  program: CommandUnknownOpts,
  calledAs: string,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  // Whoever reads may stop reading (`| head`); that is no mistake.
  process.stdout.on("error", (error) => {
    if (hasCode(error, "EPIPE")) return;
    // What was printed is cut, and nobody is to take it for whole.
    console.error(
      `The output cannot be written: ${error.message}\nGive it a place that can be written, and run this again.`,
    );
    process.exit(1);
  });
  onInterrupt();
  let called = program;
  onCalled(program, (command) => {
    called = command;
  });
  program.hook("preAction", (_, command) => {
    refuseWords(command);
    useOptions(command.optsWithGlobals());
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    // Where main.ts was started without run.mjs, Commander prints the help.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = error instanceof CommanderError || error instanceof UsageError ? CALLED_WRONGLY : 1;
    console.error(
      isInterrupted() ? "Interrupted. The next run continues from here." : describeMistake(error, called, calledAs),
    );
  } finally {
    const changes = changesMade();
    if (changes.length > 0)
      await (await import("../platform/audit-verb.js")).auditVerb(
        wordsOf(called),
        changes,
        Number(process.exitCode ?? 0),
      );
  }
}

/** What a verb was called by: its words and its options without their values, such as `rotate tokens --finish`. Pure. */
export function wordsOf(command: CommandUnknownOpts): string {
  const options = optionsGiven(command).filter((option) => option !== "--yes" && !isEveryVerbs(option));
  return [...pathTo(command).slice(1), ...options].join(" ");
}

function optionsGiven(command: CommandUnknownOpts): readonly string[] {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  return given.flatMap(({ long }) => (long === undefined ? [] : [long]));
}

/**
 * Refuses what Commander takes: an empty word, which a variable that is not set makes (`down "$NAME"`), and options of
 * `logs` before one of its own commands, which nobody would read.
 * @throws UsageError
 */
export function refuseWords(command: CommandUnknownOpts): void {
  if (command.args.includes("")) throw new UsageError("An argument is empty");
  const empty = command.options.find((option) => command.getOptionValue(option.attributeName()) === "");
  if (empty !== undefined) throw new UsageError(`${empty.long} is empty`);
  const { parent } = command;
  const [misplaced] =
    parent === null || parent.parent === null ? [] : optionsGiven(parent).filter((option) => !isEveryVerbs(option));
  if (misplaced !== undefined)
    throw new UsageError(`${misplaced} stands before \`${command.name()}\``, "Put it at the end.");
}

function useOptions(options: EveryOption): void {
  if (options.quiet === true) quiet();
  if (options.config !== undefined) useSettingsFile(fromStartFolder(options.config));
}
