import { parseArgs } from "node:util";
import { UserError } from "../../lib/user-error";
import { FORMATS, type Format } from "./report";

/**
 * The options of a verb that prints a report: `--format`, and the verb's own.
 * @throws UserError that says how the verb is called
 */
export function reportOptions(
  args: readonly string[],
  usage: string,
  own: readonly string[],
): { readonly format: Format; readonly given: ReadonlyMap<string, string> } {
  try {
    const options = Object.fromEntries(["format", ...own].map((name) => [name, { type: "string" as const }]));
    const { values } = parseArgs({ args: [...args], options });
    const given = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
    const asked = given.get("format") ?? "text";
    const format = FORMATS.find((each) => each === asked);
    if (format === undefined) throw new UserError(`There is no format ${JSON.stringify(asked)}`, usage);
    return { format, given };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), usage);
  }
}
