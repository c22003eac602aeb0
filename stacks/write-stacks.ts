import { App } from "cdktf";
import type { Catalog } from "../lib/catalog/types.js";
import { makePrivateFolder } from "../lib/private-folder.js";
import type { Settings } from "../lib/settings.js";
import { addPlatform } from "./add-platform.js";

/** Writes every stack for Terraform into the settings' `outdir`, which nobody else can read. */
export function writeStacks(settings: Settings, catalog: Catalog): void {
  // `cdktf diff` leaves a plan with the state in clear beside what synth writes.
  makePrivateFolder(settings.outdir);
  const app = new App({ outdir: settings.outdir });
  addPlatform(app, settings, catalog);
  app.synth();
}
