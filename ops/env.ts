import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings } from "../lib/settings";
import { quoted } from "./quoted";
import { setUp } from "./tools";

/** `eval "$(npm run -s env)"`: the exports with which plain `cdktf` works here as the verbs do. */
export async function env(): Promise<number> {
  const settings = readSettings();
  const { exports } = await setUp(settings, readCatalog(settings.catalogFolder));
  console.log("umask 077");
  // tsx and npm keep compiled code in the temporary folder, where somebody else could have put some (decision 029).
  for (const name of ["TSX_DISABLE_CACHE", "NODE_DISABLE_COMPILE_CACHE"]) console.log(`export ${name}=1`);
  for (const [name, value] of Object.entries(exports)) console.log(`export ${name}=${quoted(value)}`);
  return 0;
}
