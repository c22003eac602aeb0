import { resolve } from "node:path";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { outsideVariable, readSettings } from "../../lib/settings.js";
import { quoted } from "../cli/quoted.js";
import { setUp } from "../platform/tools.js";

/** `eval "$(npx rollcall env)"`: the exports with which plain `cdktf` works here as the verbs do. */
export async function env(): Promise<number> {
  const settings = readSettings();
  const { exports } = await setUp(settings, readCatalog(settings.catalogFolder));
  console.log("umask 077");
  // tsx and npm keep compiled code in the temporary folder, where somebody else could have put some (decision 029).
  for (const name of ["TSX_DISABLE_CACHE", "NODE_DISABLE_COMPILE_CACHE"]) console.log(`export ${name}=1`);
  for (const [name, value] of Object.entries({ ...exports, ...fileExports(settings.outdir) }))
    console.log(`export ${name}=${quoted(value)}`);
  return 0;
}

/**
 * With another settings file than the project's, plain `cdktf` needs to know which, and where its stacks go: `CDKTF_OUTPUT`
 * is its own option `--output`.
 */
export function fileExports(
  outdir: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const file = outsideVariable("ROLLCALL_CONFIG", env);
  if (file === undefined) return {};
  return { ROLLCALL_CONFIG: file === "none" ? file : resolve(file), CDKTF_OUTDIR: outdir, CDKTF_OUTPUT: outdir };
}
