import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { isEveryVerbs } from "../program.js";
import type { CommandWords, OptionWords, Takes } from "./words.js";

/** What an argument or value is completed with, by the name that its declaration gives it. */
const TAKES: Readonly<Record<string, Takes>> = {
  service: "service",
  team: "team",
  part: "part",
  file: "file",
  folder: "file",
};

/** A command as a shell completes it, from its declaration. Pure. */
export function commandWords(command: CommandUnknownOpts): CommandWords {
  const [first] = command.registeredArguments;
  return {
    name: command.name(),
    summary: command.summary(),
    subcommands: command.commands.map(commandWords),
    options: command.options.filter(({ long }) => !isEveryVerbs(long ?? "")).map(optionWords),
    takes: first === undefined ? undefined : TAKES[first.name()],
  };
}

/** An option as a shell completes it, from its declaration. Pure. */
export function optionWords({ long, short, flags, argChoices, description }: Option): OptionWords {
  const value = /[<[]([a-z]+)/.exec(flags)?.[1];
  return {
    long: (long ?? "").slice(2),
    short: short?.slice(1),
    takesValue: value !== undefined,
    choices: argChoices,
    takes: value === undefined ? undefined : TAKES[value],
    summary: description,
  };
}
