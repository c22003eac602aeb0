import { readSettings } from "../../lib/settings.js";
import { printJson } from "../report/json/print-json.js";
import { statusJson } from "../report/json/status-json.js";
import { isWell } from "../report/problem.js";
import { judgeStatus } from "../report/status/judge.js";
import { readStatus } from "../report/status/read-status.js";
import { renderStatus } from "../report/status/render.js";

/** What `status` is asked for. */
export interface StatusOptions {
  /** Whether JSON is printed. @default false */
  readonly json?: boolean | undefined;
}

/** `npx rollcall status`: whether the platform is up, with all that can be known. Exit code 1 where something is wrong. */
export async function status({ json = false }: StatusOptions): Promise<number> {
  const now = await readStatus(readSettings());
  const problems = judgeStatus(now);
  if (json) printJson(statusJson(now, problems));
  else console.log(renderStatus(now, problems));
  return isWell(problems) ? 0 : 1;
}
