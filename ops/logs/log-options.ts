import { UserError } from "../../lib/user-error";
import type { Asked } from "../command-line.cjs";

/** As much as a person reads; with --since, all of that time. */
const TAIL = "200";

const MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** How much of a log is asked for. */
export interface LogSpan {
  /** A number of lines, or `all`. */
  readonly tail: string;
  /** A time span such as `1h30m`, or a time. */
  readonly since: string | undefined;
}

/**
 * How much of a log is asked for. Pure.
 * @throws UserError for what Docker would misread or refuse in its own words
 */
export function logSpan({ named }: Asked, usage: string): LogSpan {
  const [tail, since] = [named.get("tail"), named.get("since")];
  if (tail !== undefined && !/^(\d+|all)$/.test(tail))
    throw new UserError(`--tail is ${JSON.stringify(tail)}`, `It takes a number of lines, or all. ${usage}`);
  if (since !== undefined && !/^((\d+[hms])+|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)$/.test(since))
    throw new UserError(
      `--since is ${JSON.stringify(since)}`,
      `It takes a time span such as 90s, 10m or 1h30m, or a time such as 2026-11-25T03:00:00Z. ${usage}`,
    );
  return { tail: tail ?? (since === undefined ? TAIL : "all"), since };
}

/** The options for `docker logs`. Pure. @throws UserError as `logSpan` does */
export function logOptions(asked: Asked, usage: string): readonly string[] {
  const { tail, since } = logSpan(asked, usage);
  return [
    ...(asked.flags.has("follow") ? ["--follow"] : []),
    ...["--tail", tail],
    ...(since === undefined ? [] : ["--since", since]),
  ];
}

/**
 * The moment at which a span begins, in milliseconds; a time without a zone is this machine's, as Docker has it. Pure.
 * @throws UserError for a time that there is not
 */
export function beginOf({ since }: LogSpan, now: number, usage: string): number {
  if (since === undefined) return Number.NEGATIVE_INFINITY;
  const parts = [...since.matchAll(/(\d+)([hms])/g)];
  if (/^\d+[hms]/.test(since))
    return parts.reduce((time, [, count, unit = ""]) => time - Number(count) * (MS[unit] ?? 0), now);
  const time = Date.parse(since.includes("T") ? since : `${since}T00:00:00`);
  if (Number.isNaN(time))
    throw new UserError(
      `--since is ${JSON.stringify(since)}`,
      `There is no such time, or its minutes are missing. ${usage}`,
    );
  return time;
}
