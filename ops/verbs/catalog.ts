import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { printableLines } from "../../lib/printable.js";
import { readCatalogFolder } from "../../lib/settings.js";
import { listJson, showJson } from "./catalog/as-json.js";
import { list, render, show } from "./catalog/in-words.js";
import { type LintOptions, type LintResult, lintCatalog } from "./catalog/lint.js";

/** How a part of `rollcall catalog` answers. */
export interface CatalogOptions {
  /** One JSON document instead of text: docs/reference/json.md. @default false */
  readonly json?: boolean | undefined;
}

/**
 * `rollcall catalog lint [--json] [--format github]`: exit code 1 where the catalog has a mistake.
 * @throws CatalogError with all mistakes, where they are told as text
 */
export async function catalogLint(options: LintOptions): Promise<number> {
  return print(lintCatalog(readCatalogFolder(), options));
}

/** `rollcall catalog list [--json]`. @throws CatalogError with all mistakes */
export async function catalogList({ json = false }: CatalogOptions): Promise<number> {
  const declared = readCatalog(readCatalogFolder());
  return print({ text: json ? JSON.stringify(listJson(declared), null, 2) : list(declared), code: 0 });
}

/** `rollcall catalog show NAME [--json]`. @throws CatalogError with all mistakes; UserError for an unknown name */
export async function catalogShow(name: string, { json = false }: CatalogOptions): Promise<number> {
  const declared = readCatalog(readCatalogFolder());
  return print({ text: json ? JSON.stringify(showJson(declared, name), null, 2) : show(declared, name), code: 0 });
}

/** `rollcall catalog render`: JSON already. @throws CatalogError with all mistakes */
export async function catalogRender(): Promise<number> {
  return print({ text: render(readCatalog(readCatalogFolder())), code: 0 });
}

function print({ text, code }: LintResult): number {
  console.log(printableLines(text));
  return code;
}
