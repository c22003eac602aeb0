import { isWell, type Problem } from "../problem.js";
import type { Status } from "../status/status.js";

/** What `status --json` prints: all of the status, and what is wrong with it. */
export interface StatusJson extends Status {
  /** True where the exit code is 0. */
  readonly healthy: boolean;
  /** What is wrong, and notes. */
  readonly troubles: readonly Problem[];
}

/** The status for programs. Pure. */
export function statusJson(status: Status, problems: readonly Problem[]): StatusJson {
  return { healthy: isWell(problems), troubles: problems, ...status };
}
