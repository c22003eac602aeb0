import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CatalogError } from "../../lib/catalog/problem.js";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";

/** Runs `use` on a real folder with these files; a name that ends with / is a folder. */
export function inFolder<T>(files: Readonly<Record<string, string | Uint8Array>>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-catalog-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      if (name.endsWith("/")) mkdirSync(join(folder, name));
      else writeFileSync(join(folder, name), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The catalog that these files declare. */
export function catalogOf(files: Readonly<Record<string, string | Uint8Array>>): Catalog {
  return inFolder(files, readCatalog);
}

/** The lines of the error that these files give, without the folder; [] where there is none. */
export function faultsOf(files: Readonly<Record<string, string | Uint8Array>>): readonly string[] {
  return inFolder(files, (folder) => {
    try {
      readCatalog(folder);
      return [];
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      return error.message.replaceAll(`${folder}/`, "").replaceAll(folder, "FOLDER").split("\n");
    }
  });
}

/** A file with usual defaults. Its services begin on line 6, or later by the number of further default lines. */
export function team(name: string, services: readonly string[], more: readonly string[] = []): string {
  const lines = [
    `team: ${name}`,
    "defaults:",
    "  address: isa-{name}",
    "  check: { kind: http, path: /health, interval: 10s, timeout: 5s }",
    ...more.map((line) => `  ${line}`),
    "services:",
    ...services.map((line) => `  ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}
