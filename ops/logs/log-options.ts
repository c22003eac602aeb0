import { UserError } from "../../lib/user-error";
import type { Asked } from "../command-line.cjs";

/** As much as a person reads; with --since, all of that time. */
const TAIL = "200";

/**
 * The options for `docker logs`. Pure.
 * @throws UserError for what Docker would misread or refuse in its own words
 */
export function logOptions({ named, flags }: Asked, usage: string): readonly string[] {
  const [tail, since] = [named.get("tail"), named.get("since")];
  if (tail !== undefined && !/^(\d+|all)$/.test(tail))
    throw new UserError(`--tail is ${JSON.stringify(tail)}`, `It takes a number of lines, or all. ${usage}`);
  if (since !== undefined && !/^((\d+[hms])+|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)$/.test(since))
    throw new UserError(
      `--since is ${JSON.stringify(since)}`,
      `It takes a time span such as 90s, 10m or 1h30m, or a time such as 2026-11-25T03:00:00Z. ${usage}`,
    );
  return [
    ...(flags.has("follow") ? ["--follow"] : []),
    ...["--tail", tail ?? (since === undefined ? TAIL : "all")],
    ...(since === undefined ? [] : ["--since", since]),
  ];
}
