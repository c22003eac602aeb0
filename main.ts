import { App } from "cdktf";
import { readCatalog } from "./lib/catalog/read-catalog";
import { readSettings } from "./lib/settings";
import { UserError } from "./lib/user-error";
import { addPlatform } from "./stacks/platform";

try {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  const app = new App({ outdir: settings.outdir });
  addPlatform(app, settings, catalog);
  app.synth();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error([error.message, error.remedy].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
