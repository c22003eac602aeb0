import { parseArgs } from "node:util";
import { UserError } from "../lib/user-error";

/** What a verb was asked for. */
export interface Asked {
  /** Of each `--name VALUE`, by name. */
  readonly named: ReadonlyMap<string, string>;
  /** Each `--name` without a value that was given. */
  readonly flags: ReadonlySet<string>;
  /** What stands by itself, in order. */
  readonly others: readonly string[];
}

/** What a verb takes. */
export interface Takes {
  /** Each `--name VALUE`. @default - none */
  readonly named?: readonly string[];
  /** Each `--name` without a value. @default - none */
  readonly flags?: readonly string[];
  /** How many words by themselves. @default 0 */
  readonly others?: number;
}

/**
 * Reads a verb's arguments.
 * @param usage how the verb is called, for whoever called it otherwise
 * @throws UserError with the usage
 */
export function readArguments(args: readonly string[], usage: string, takes: Takes): Asked {
  const most = takes.others ?? 0;
  const flags = takes.flags ?? [];
  const options = {
    ...Object.fromEntries((takes.named ?? []).map((name) => [name, { type: "string" as const }])),
    ...Object.fromEntries(flags.map((name) => [name, { type: "boolean" as const }])),
  };
  const { values, positionals } = parsed(args, usage, options, most > 0);
  const surplus = positionals[most];
  if (surplus !== undefined) throw new UserError(`${JSON.stringify(surplus)} says nothing here`, usage);
  const given = Object.entries(values);
  return {
    named: new Map(given.filter(([name]) => !flags.includes(name)).map(([name, value]) => [name, String(value)])),
    flags: new Set(given.filter(([name]) => flags.includes(name)).map(([name]) => name)),
    others: positionals,
  };
}

/** The same where a verb takes `--name VALUE` alone. */
export function optionsOf(
  args: readonly string[],
  usage: string,
  names: readonly string[],
): ReadonlyMap<string, string> {
  return readArguments(args, usage, { named: names }).named;
}

function parsed(
  args: readonly string[],
  usage: string,
  options: Readonly<Record<string, { readonly type: "string" | "boolean" }>>,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    throw new UserError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), usage);
  }
}
