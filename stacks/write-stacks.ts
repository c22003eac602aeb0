import { App } from "cdktf";
import type { Catalog } from "../lib/catalog/types";
import { makePrivateFolder } from "../lib/private-folder";
import type { Settings } from "../lib/settings";
import { addPlatform } from "./platform";

/** Writes every stack for Terraform into the settings' `outdir`, which nobody else can read. */
export function writeStacks(settings: Settings, catalog: Catalog): void {
  // `cdktf diff` leaves a plan with the state in clear beside what synth writes.
  makePrivateFolder(settings.outdir);
  const app = new App({ outdir: settings.outdir });
  addPlatform(app, settings, catalog);
  app.synth();
}
