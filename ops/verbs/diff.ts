import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readCatalogFolder, readSettings } from "../../lib/settings.js";
import { UsageError } from "../cli/usage-error.js";
import { CORRECT_THEM, catalogAt } from "../report/diff/catalog-at.js";
import { exitCode, type Format, type Report, render, reportBetween } from "../report/diff/report.js";

/** What `diff` is asked for. */
export interface DiffOptions {
  /** The commit whose catalog is the older one. @default - what was applied */
  readonly against?: string | undefined;
  /** The commit whose catalog is the newer one. @default - the files as they are */
  readonly of?: string | undefined;
  /** @default "text" */
  readonly format?: Format | undefined;
}

/**
 * `npx rollcall diff`: what `up` would change, in the platform's words and stack by stack; changes nothing.
 * `--against REF`: what the catalog's files changed since a commit, without Docker, state or credentials; `--of REF`
 * reads the newer ones from a commit as well, so that not a file of a stranger's pull request is checked out.
 * Exit code 0 for no change, 2 for changes, 1 for an error or a danger that no setting allows.
 */
export async function diff({ against, of, format = "text" }: DiffOptions): Promise<number> {
  if (of !== undefined && against === undefined) throw new UsageError("--of needs --against");
  const folder = readCatalogFolder();
  const catalog = of === undefined ? readCatalog(folder) : await catalogAt(of, folder, CORRECT_THEM);
  // Loaded only where it is asked for: what plans is most of the program, and --against needs none of it.
  const report: Report =
    against === undefined
      ? await (await import("../report/diff/plan-platform.js")).planPlatform(readSettings(), catalog)
      : reportBetween(await catalogAt(against, folder), catalog);
  console.log(render(report, format));
  return exitCode(report);
}
