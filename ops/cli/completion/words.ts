/** What stands in a place of the command line: a shell completes it with names that it finds, or with files. */
export type Takes = "service" | "team" | "part" | "file";

/** An option of a command. */
export interface OptionWords {
  /** Without the dashes: `format`. */
  readonly long: string;
  /** One letter, without the dash. @default - none */
  readonly short?: string | undefined;
  readonly takesValue: boolean;
  /** The values it takes. @default - any */
  readonly choices?: readonly string[] | undefined;
  /** What its value is. @default - a text of its own */
  readonly takes?: Takes | undefined;
  /** One line. */
  readonly summary: string;
}

/** A command, as a shell is to complete it. */
export interface CommandWords {
  /** Of lower-case letters, digits, `-` and `:`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** The commands below it. @default - none */
  readonly subcommands?: readonly CommandWords[] | undefined;
  readonly options: readonly OptionWords[];
  /** What its first word is; `part`: a part of the platform, or a service. @default - it takes none */
  readonly takes?: Takes | undefined;
}

/** A command and where it stands: `catalog lint`, "" for the top. */
export interface Placed {
  readonly at: string;
  readonly subcommands: readonly CommandWords[];
  readonly options: readonly OptionWords[];
  readonly takes: Takes | undefined;
}

/** Every command with its place, the top first. @throws Error for a name that a shell would read as something else */
export function placed(commands: readonly CommandWords[], options: readonly OptionWords[]): readonly Placed[] {
  return [{ at: "", subcommands: commands, options, takes: undefined }, ...below("", commands)];
}

function below(at: string, commands: readonly CommandWords[]): readonly Placed[] {
  return commands.flatMap(({ name, subcommands = [], options, takes }) => {
    for (const word of [name, ...options.flatMap(wordsIn)]) refuseUnsafe(word);
    const here = at === "" ? name : `${at} ${name}`;
    return [{ at: here, subcommands, options, takes }, ...below(here, subcommands)];
  });
}

function wordsIn({ long, short = "x", choices = [] }: OptionWords): readonly string[] {
  return [long, short, ...choices];
}

function refuseUnsafe(word: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9:._-]*$/.test(word))
    throw new Error(`a shell would not take ${JSON.stringify(word)} as it is`);
}

/** The option as it is typed: `--format`, and `-f` where it has a letter. */
export function flagsOf({ long, short }: OptionWords): readonly string[] {
  return [`--${long}`, ...(short === undefined ? [] : [`-${short}`])];
}
