import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { type ExportFormat, exportedFiles } from "../../lib/monitoring/export/files.js";
import { platformFactsOf } from "../../lib/monitoring/platform-facts.js";
import { RUNBOOKS } from "../../lib/monitoring/runbooks.js";
import { readSettings } from "../../lib/settings.js";
import { counted } from "../cli/counted.js";
import { fromStartFolder } from "../cli/start-folder.js";
import { differencesIn, writeExport } from "./monitoring/export-folder.js";

/** How `rollcall monitoring export` works. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /** Compare only: nothing is written. @default false */
  readonly check?: boolean | undefined;
  /** Where alerts find docs/runbooks.md. @default - its path in the repository */
  readonly runbooks?: string | undefined;
}

/**
 * `rollcall monitoring export DIR`: rules, their tests, scrape configuration, targets, probes, routes and dashboards of the
 * catalog. It needs no Docker.
 * @returns 1 where `--check` finds a difference
 * @throws UserError where the folder holds something else, or cannot be written
 */
export async function exportMonitoring(named: string, options: ExportOptions): Promise<number> {
  const folder = fromStartFolder(named);
  const { format, check = false, runbooks = RUNBOOKS } = options;
  const settings = readSettings();
  const files = exportedFiles(
    {
      catalog: readCatalog(settings.catalogFolder),
      place: settings,
      facts: platformFactsOf(settings),
      runbooks,
    },
    format,
  );
  if (!check) {
    const { written, removed } = writeExport(folder, files);
    const less = removed === 0 ? "" : `, ${removed} removed`;
    console.log(`${named}: ${counted(files.size, "file")}, ${written} changed${less}`);
    return 0;
  }
  const differences = differencesIn(folder, files);
  for (const { path, what } of differences) console.log(`${what.padEnd(8)}  ${path}`);
  console.log(
    differences.length === 0
      ? `${named} is what the catalog says`
      : `${counted(differences.length, "file")} of ${named} differ: run \`npx rollcall monitoring export\` again`,
  );
  return differences.length === 0 ? 0 : 1;
}
