import { readCatalog } from "../lib/catalog/read-catalog";
import { readCatalogFolder, readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { CORRECT_THEM, catalogAt } from "./diff/catalog-at";
import { formatOf } from "./diff/format";
import { exitCode, type Report, render, reportBetween } from "./diff/report";
import { howTo } from "./usage.cjs";

/**
 * `npm run diff`: what `up` would change, in the platform's words and stack by stack; changes nothing.
 * `--against REF`: what the catalog's files changed since a commit, without Docker, state or credentials; `--of REF`
 * reads the newer ones from a commit as well, so that not a file of a stranger's pull request is checked out.
 * Exit code 0 for no change, 2 for changes, 1 for an error or a danger that no setting allows.
 */
export async function diff({ named }: Asked): Promise<number> {
  const format = formatOf(named);
  const [against, of] = [named.get("against"), named.get("of")];
  if (of !== undefined && against === undefined) throw new UserError("--of needs --against", howTo("diff"));
  const folder = readCatalogFolder();
  const catalog = of === undefined ? readCatalog(folder) : await catalogAt(of, folder, CORRECT_THEM);
  // Loaded only where it is asked for: what plans is most of the program, and --against needs none of it.
  const report: Report =
    against === undefined
      ? await (await import("./diff/plan-platform.js")).planPlatform(readSettings(), catalog)
      : reportBetween(await catalogAt(against, folder), catalog);
  console.log(render(report, format));
  return exitCode(report);
}
