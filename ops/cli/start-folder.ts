import { resolve } from "node:path";

/**
 * A path of the command line, as the person who typed it means it: relative to where they stand. `ops/run.mjs` runs
 * everything in the clone and leaves their folder in `INIT_CWD`, as npm does.
 */
export function fromStartFolder(path: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  return resolve(env.INIT_CWD ?? "", path);
}
