import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** Columns of every help text: the same on each terminal, so that the committed texts can be compared. */
const WIDTH = 100;

/** Options that every verb takes, before or after it. */
export interface EveryOption {
  /** The settings' file, instead of `rollcall.yaml`. */
  readonly config?: string | undefined;
  /** Whether progress is left out. @default false */
  readonly quiet?: boolean | undefined;
}

/** The options of `EveryOption`: flags, and what they mean. */
const EVERY_OPTION = [
  ["--config <file>", "settings file to use instead of rollcall.yaml"],
  ["-q, --quiet", "no progress on standard error"],
  ["--color", "colors also where standard output is no terminal"],
  ["--no-color", "no colors; NO_COLOR does the same"],
] as const;

/** The same, recreated for each command. */
function everyOption(): readonly Option[] {
  return EVERY_OPTION.map(([flags, means]) => new Option(flags, means));
}

/** Whether every verb has this option. */
export function isEveryVerbs(long: string): boolean {
  return EVERY_OPTION.some(([flags]) => flags.split(/[ ,]+/).includes(long));
}

/** The whole command line: its verbs, each declared once, in the order in which a person meets them. */
export function program(name: string, verbs: readonly CommandUnknownOpts[]): CommandUnknownOpts {
  const whole = new Command(name)
    .usage("[options] VERB")
    .helpOption("-h, --help", "this help; `VERB --help` has more about one")
    .helpCommand(false)
    // What stands after `logs audit` is for `audit`, also where `logs` has the same option.
    .enablePositionalOptions()
    .configureHelp({ helpWidth: WIDTH, subcommandTerm: (command) => command.name() })
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .exitOverride();
  for (const option of everyOption()) whole.addOption(option);
  for (const verb of verbs) adopt(whole, verb);
  return whole;
}

/** Every command with its path, such as `catalog lint`; the program itself comes first, with none. */
export function pathsOf(command: CommandUnknownOpts, path = ""): readonly (readonly [string, CommandUnknownOpts])[] {
  const below = command.commands.flatMap((each) => pathsOf(each, `${path} ${each.name()}`.trim()));
  return [[path, command], ...below];
}

/** Tells which command a command line has come to, also where it is refused there. */
export function onCalled(program: CommandUnknownOpts, onCall: (command: CommandUnknownOpts) => void): void {
  for (const [, command] of pathsOf(program)) command.hook("preSubcommand", (_, called) => onCall(called));
}

/** A command's words, from the program's name on, such as `rollcall`, `catalog`, `lint`. */
export function pathTo(command: CommandUnknownOpts): readonly string[] {
  return [...(command.parent === null ? [] : pathTo(command.parent)), command.name()];
}

/** Commander hands on its settings to what it makes itself alone. */
function adopt(parent: CommandUnknownOpts, child: CommandUnknownOpts): void {
  if (child.parent === null) parent.addCommand(child);
  child.copyInheritedSettings(parent);
  child.helpOption("-h, --help", "this help");
  for (const option of everyOption()) child.addOption(option.hideHelp());
  if (child.commands.length > 0) child.helpCommand(false);
  for (const each of child.commands) adopt(child, each);
}
