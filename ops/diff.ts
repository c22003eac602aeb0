import { parseArgs } from "node:util";
import { changesBetween, definitionsOf } from "../lib/catalog/changes";
import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { catalogAt } from "./diff/catalog-at";
import { planPlatform } from "./diff/plan-platform";
import { exitCode, FORMATS, type Format, type Report, render } from "./diff/report";

/**
 * `npm run diff`: what `up` would change, in the platform's words and stack by stack; changes nothing.
 * `--against REF`: what the catalog's files changed since a commit, without Docker, state or credentials.
 * Exit code 0 for no change, 2 for changes, 1 for an error or a danger that no setting allows.
 */
export async function diff(args: readonly string[]): Promise<number> {
  const { against, format } = optionsOf(args);
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  const report: Report =
    against === undefined
      ? await planPlatform(settings, catalog)
      : {
          catalog: changesBetween(
            definitionsOf(await catalogAt(against, settings.catalogFolder)),
            definitionsOf(catalog),
          ),
          stacks: [],
          noticed: [],
          dangers: [],
        };
  console.log(render(report, format));
  return exitCode(report);
}

function optionsOf(args: readonly string[]): { readonly against?: string; readonly format: Format } {
  const usage = "Say `npm run diff -- [--against REF] [--format text|markdown|json]`.";
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { against: { type: "string" }, format: { type: "string" } },
    });
    const format = FORMATS.find((each) => each === (values.format ?? "text"));
    if (format === undefined) throw new UserError(`There is no format ${JSON.stringify(values.format)}`, usage);
    return { format, ...(values.against === undefined ? {} : { against: values.against }) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error), usage);
  }
}
