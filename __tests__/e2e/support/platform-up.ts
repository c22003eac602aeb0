import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Ended, npm, platform } from "./platform.js";

/**
 * Brings this worker's platform up by `npx rollcall up` in its fresh clone, once: the first file that needs it waits for it.
 * @returns what that `up` said
 * @throws Error where it did not come up, for each file that needs it
 */
export async function platformUp(): Promise<Ended> {
  const record = join(dirname(platform().folder), "first-up.json");
  if (!existsSync(record)) {
    const made = await npm("up");
    process.stderr.write(made.stderr);
    writeFileSync(record, JSON.stringify(made));
  }
  const ended = JSON.parse(readFileSync(record, "utf8")) as Ended;
  if (ended.code !== 0) throw new Error(`the platform under test did not come up:\n${ended.stderr}`);
  return ended;
}
