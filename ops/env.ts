import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings } from "../lib/settings";
import { quoted } from "./quoted";
import { setUp } from "./tools";

/** `eval "$(npm run -s env)"`: the exports with which plain `cdktf` works here as the verbs do. */
export async function env(): Promise<number> {
  const settings = readSettings();
  const { exports } = await setUp(settings, readCatalog(settings.catalogFolder));
  console.log("umask 077");
  for (const [name, value] of Object.entries(exports)) console.log(`export ${name}=${quoted(value)}`);
  return 0;
}
