import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readSettings } from "../../lib/settings.js";
import { Cache } from "../../provision/cache.js";
import { readDecisions } from "../../provision/decisions.js";
import { synthesize } from "../platform/synthesize.js";

/** `npx rollcall synth`: writes every stack for Terraform as `up` would, changes nothing and decides nothing. */
export async function synth(): Promise<number> {
  const settings = readSettings();
  const { images } = readDecisions(new Cache(settings.cacheFolder));
  const decided = { ...settings, images: settings.images ?? images?.choice };
  const stacks = await synthesize(decided, readCatalog(settings.catalogFolder));
  for (const { name, folder } of stacks) console.log(`${name.padEnd(10)}  ${folder}`);
  return 0;
}
