import { CatalogError, type CatalogProblem } from "../../../lib/catalog/problem.js";
import { readCatalog, readTeamFiles } from "../../../lib/catalog/read-catalog.js";
import { isTooFine, tooFineSlos } from "../../../lib/catalog/slo.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { counted } from "../../cli/counted.js";
import { writeKnownNames } from "../../cli/known-names.js";
import { annotation, repositoryOf } from "./annotation.js";

/** How `rollcall catalog lint` answers. */
export interface LintOptions {
  /** One JSON document, also where the catalog has mistakes: docs/reference/json.md. @default false */
  readonly json?: boolean | undefined;
  /** `github`: mistakes as annotations of a job on GitHub, and as text. `--json` holds over it. @default "text" */
  readonly format?: "text" | "github" | undefined;
}

/** What a verb prints on standard output, and its exit code. */
export interface LintResult {
  readonly text: string;
  readonly code: number;
}

/** How much a catalog declares. */
interface Counts {
  readonly services: number;
  readonly instances: number;
  readonly teams: number;
}

/**
 * `rollcall catalog lint`: reads the catalog, and keeps its names for shell completion where it has no mistake.
 * @param folder the catalog folder
 * @param project the folder below which the names are kept
 * @throws CatalogError with all mistakes, where neither JSON nor annotations were asked for
 */
export function lintCatalog(
  folder: string,
  { json, format }: LintOptions,
  project: string = process.cwd(),
): LintResult {
  try {
    const catalog = readCatalog(folder);
    writeKnownNames(catalog, project);
    // Where a service stands, only the files say.
    const notes = catalog.services.some(isTooFine) ? tooFineSlos(readTeamFiles(folder)) : [];
    if (json) return { text: lintJson(countsOf(catalog), [], notes), code: 0 };
    const root = format === "github" && notes.length > 0 ? repositoryOf() : "";
    const told = notes.map((note) => (format === "github" ? annotation(note, root, "notice") : noteInWords(note)));
    return { text: [lint(catalog), ...told].join("\n"), code: 0 };
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    if (json) return { text: lintJson(undefined, error.problems, []), code: 1 };
    if (format === "github") return { text: annotated(error), code: 1 };
    throw error;
  }
}

/** One line that says how much was read; a catalog with a mistake never comes this far. */
export function lint(catalog: Catalog): string {
  const { services, instances, teams } = countsOf(catalog);
  const registered = services - catalog.dynamic.length;
  const more = instances === registered ? "" : ` (${instances} instances)`;
  return `${counted(services, "service")}${more} of ${counted(teams, "team")}, no mistake`;
}

/** A service that is dynamic counts as a service; its instances are nobody's to count. */
function countsOf({ services, dynamic, teams }: Catalog): Counts {
  const names = new Set(services.map(({ name }) => name)).size;
  return { services: names + dynamic.length, instances: services.length, teams: teams.length };
}

function lintJson(
  counts: Counts | undefined,
  mistakes: readonly CatalogProblem[],
  notes: readonly CatalogProblem[],
): string {
  const { services = null, instances = null, teams = null } = counts ?? {};
  return JSON.stringify({ services, instances, teams, mistakes: mistakes.map(told), notes: notes.map(told) }, null, 2);
}

function told({ file, line, column, message, remedy }: CatalogProblem): CatalogProblem {
  return { file, line, column, message, remedy };
}

/** What is no mistake, and should be known. */
function noteInWords({ file, line, column, message, remedy }: CatalogProblem): string {
  return `${file}:${line}:${column}: note: ${message}; ${remedy}`;
}

/** GitHub shows an annotation at its place and only its message in the job's log, so the text is told there too. */
function annotated({ problems, message, remedy }: CatalogError): string {
  const root = repositoryOf();
  return [...problems.map((problem) => annotation(problem, root, "error")), message, remedy].join("\n");
}
