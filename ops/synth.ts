import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings } from "../lib/settings";
import { synthesize } from "./synthesize";

/** `npm run synth`: writes every stack for Terraform, changes nothing. */
export async function synth(): Promise<number> {
  const settings = readSettings();
  const stacks = synthesize(settings, readCatalog(settings.catalogFolder));
  for (const { name, folder } of stacks) console.log(`${name.padEnd(10)}  ${folder}`);
  return 0;
}
