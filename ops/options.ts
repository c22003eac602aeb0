import { parseArgs } from "node:util";
import { UserError } from "../lib/user-error";

/**
 * A verb's options, each `--name VALUE`, by name.
 * @param usage how the verb is called, for whoever called it otherwise
 * @throws UserError with the usage
 */
export function optionsOf(
  args: readonly string[],
  usage: string,
  names: readonly string[],
): ReadonlyMap<string, string> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
    const { values } = parseArgs({ args: [...args], options });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UserError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), usage);
  }
}
