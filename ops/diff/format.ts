import { UserError } from "../../lib/user-error";
import { optionsOf } from "../options";
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
  const given = optionsOf(args, usage, ["format", ...own]);
  const asked = given.get("format") ?? "text";
  const format = FORMATS.find((each) => each === asked);
  if (format === undefined) throw new UserError(`There is no format ${JSON.stringify(asked)}`, usage);
  return { format, given };
}
