import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Catalog } from "../../lib/catalog/types.js";
import { replaceFile } from "../../lib/replace-file.js";

/**
 * Where a shell finds the names, below the project: it reads them there without starting Node. `node_modules` is in no
 * commit, and is there in a clone as in a project that has the package installed; what `npm ci` removes, the next
 * `catalog lint` or `up` writes again.
 */
export const NAMES_FOLDER = "node_modules/.cache/rollcall";

/**
 * Writes the names of the catalog's services and teams for shell completion, `services` and `teams`, sorted, one a
 * line. Says nothing where it cannot: nobody waits for it.
 * @param project the folder that has `node_modules`
 */
export function writeKnownNames({ services, dynamic, teams }: Catalog, project: string = process.cwd()): void {
  try {
    if (!existsSync(join(project, "node_modules"))) return;
    const folder = join(project, NAMES_FOLDER);
    // What tsx compiled lies beside them: nobody else may write there (ops/tsx.mjs).
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const write = (file: string, named: readonly { readonly name: string }[]) => {
      const names = [...new Set(named.map(({ name }) => name))].sort();
      // Whole or not at all: a shell may be reading it.
      replaceFile(join(folder, file), names.map((name) => `${name}\n`).join(""));
    };
    write("services", [...services, ...dynamic]);
    write("teams", teams);
  } catch {
    // A shell then completes the names of before, or none.
  }
}
