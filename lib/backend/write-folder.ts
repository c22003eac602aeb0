import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { placeState, type StatePlace } from "./backend.js";

/** Writes a stack that has a backend and nothing else into `outdir`. @returns its folder, for Terraform */
export function writeFolder(outdir: string, name: string, settings: StatePlace): string {
  const app = new App({ outdir });
  placeState(new TerraformStack(app, name), name, settings);
  app.synth();
  return join(outdir, "stacks", name);
}
