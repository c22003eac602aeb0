import { UserError } from "../user-error.js";

/** Where something stands in the catalog. */
export interface Place {
  /** The file, relative to the working directory where it lies below it. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;
}

/** One mistake in the catalog. */
export interface CatalogProblem extends Place {
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A catalog with mistakes; its message lists all of them, one a line, as `file:line:column: message; remedy`. */
export class CatalogError extends UserError {
  /** @param problems the mistakes, in the order in which they are to be shown; at least one */
  constructor(readonly problems: readonly CatalogProblem[]) {
    super(
      problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}; ${p.remedy}`).join("\n"),
      "docs/catalog.md describes every field of the catalog.",
    );
    this.name = "CatalogError";
  }
}

/** The problems by file, line and column, each once (an anchor may be used in many places). */
export function inOrder(problems: readonly CatalogProblem[]): readonly CatalogProblem[] {
  const seen = new Set<string>();
  const once = problems.filter((problem) => {
    const { remedy: _, ...fact } = problem;
    const known = seen.has(JSON.stringify(fact));
    seen.add(JSON.stringify(fact));
    return !known;
  });
  return once.sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}
