import { readCatalog } from "./lib/catalog/read-catalog";
import { readSettings } from "./lib/settings";
import { UserError } from "./lib/user-error";
import { writeStacks } from "./stacks/write-stacks";

try {
  const settings = readSettings();
  writeStacks(settings, readCatalog(settings.catalogFolder));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error([error.message, error.remedy].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
