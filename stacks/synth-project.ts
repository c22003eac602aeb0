import { readCatalog } from "../lib/catalog/read-catalog.js";
import { readSettings } from "../lib/settings.js";
import { UserError } from "../lib/user-error.js";
import { writeStacks } from "./write-stacks.js";

/**
 * What a project's `main.ts` calls: writes every stack of the project in the current folder, as `cdktf synth` expects. A
 * mistake in the settings or the catalog is reported without a stack trace, and sets exit code 1.
 */
export function synthProject(): void {
  try {
    const settings = readSettings();
    writeStacks(settings, readCatalog(settings.catalogFolder));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error([error.message, error.remedy].filter(Boolean).join("\n"));
    process.exitCode = 1;
  }
}
