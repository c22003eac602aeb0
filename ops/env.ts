import { readSettings } from "../lib/settings";
import { setUp } from "./tools";

/** `eval "$(npm run -s env)"`: the exports with which plain `cdktf` works here as the verbs do. */
export async function env(): Promise<number> {
  const { exports } = await setUp(readSettings());
  console.log("umask 077");
  for (const [name, value] of Object.entries(exports)) console.log(`export ${name}=${quoted(value)}`);
  return 0;
}

/** A word for a POSIX shell. */
function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
