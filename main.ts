import { App } from "cdktf";
import { readCatalog } from "./lib/catalog/read-catalog";
import { makePrivateFolder } from "./lib/private-folder";
import { readSettings } from "./lib/settings";
import { UserError } from "./lib/user-error";
import { addPlatform } from "./stacks/platform";

try {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  // `cdktf diff` leaves a plan with the state in clear beside what synth writes.
  makePrivateFolder(settings.outdir);
  const app = new App({ outdir: settings.outdir });
  addPlatform(app, settings, catalog);
  app.synth();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error([error.message, error.remedy].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
