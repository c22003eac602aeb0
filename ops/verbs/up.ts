import { bringUp, type UpOptions } from "../platform/bring-up.js";

/** `npx rollcall up`: the platform as the settings and the catalog declare it. */
export function up(options: UpOptions): Promise<number> {
  return bringUp(options);
}
