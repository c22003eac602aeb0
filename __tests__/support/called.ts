import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describeMistake } from "../../ops/cli/describe-mistake.js";
import { onCalled, pathsOf, pathTo } from "../../ops/cli/program.js";
import { refuseWords } from "../../ops/cli/run-program.js";

/** What a verb's function would get. */
export interface Called {
  /** Such as `catalog lint`. */
  readonly path: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Reads command lines as a program does, and runs nothing. */
export class Reader {
  private called: Called | undefined;
  private reached: CommandUnknownOpts;

  /** @param calledAs how a person calls the program */
  constructor(
    private readonly program: CommandUnknownOpts,
    private readonly calledAs: string,
  ) {
    this.reached = program;
    onCalled(program, (command) => {
      this.reached = command;
    });
    for (const [, command] of pathsOf(program)) {
      command.configureOutput({ writeOut: () => {} });
      if (command.commands.length === 0 || command.registeredArguments.length > 0 || runsByItself(command))
        command.action((...given) => {
          this.called = {
            path: pathTo(command).slice(1).join(" "),
            args: given.slice(0, -2).filter((each) => each !== undefined),
            options: command.opts(),
          };
        });
    }
    program.hook("preAction", (_, command) => refuseWords(command));
  }

  /** @throws what the program throws where it refuses the words */
  async read(words: readonly string[]): Promise<Called> {
    this.called = undefined;
    this.reached = this.program;
    await this.program.parseAsync(words, { from: "user" });
    if (this.called === undefined) throw new Error("nothing was called");
    return this.called;
  }

  /** What a person reads who typed these words; "" where they are taken. */
  async refusal(words: readonly string[]): Promise<string> {
    try {
      await this.read(words);
      return "";
    } catch (error) {
      return describeMistake(error, this.reached, this.calledAs);
    }
  }
}

/** Whether a verb with commands of its own does something without them, such as `test`. */
function runsByItself(command: CommandUnknownOpts): boolean {
  return ["test", "bench", "bench:discovery"].includes(command.name());
}
