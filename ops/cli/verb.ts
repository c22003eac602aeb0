import { Command } from "@commander-js/extra-typings";

/**
 * Begins the declaration of a verb: one value with its arguments, options, help and function. Usage, help, completion and
 * `docs/reference/cli.md` come from it.
 * @param name as people type it
 * @param does one line for the list of all verbs, as a sentence without its full stop
 * @param more what a person must know besides, a line each. @default - nothing
 */
export function verb<const Name extends string>(name: Name, does: string, more: readonly string[] = []) {
  return new Command(name)
    .summary(does)
    .description([`${does}.`, ...(more.length > 0 ? ["", ...more] : [])].join("\n"));
}

/** Makes what a verb's function gives the exit code of this process. */
export function exits<Args extends unknown[]>(
  run: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    process.exitCode = await run(...args);
  };
}
