import { UsageError } from "../../cli/usage-error.js";

/** As much as a person reads; with --since, all of that time. */
const TAIL = "200";

const MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** The options of a verb that shows a log. */
export interface SpanOptions {
  /** A number of lines, or `all`. @default - 200, or all of the time that `since` names */
  readonly tail?: string | undefined;
  /** A time span such as `1h30m`, or a time. @default - as far back as there is */
  readonly since?: string | undefined;
}

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
export function logSpan({ tail, since }: SpanOptions): LogSpan {
  if (tail !== undefined && !/^(\d+|all)$/.test(tail))
    throw new UsageError(`--tail is ${JSON.stringify(tail)}`, "It takes a number of lines, or all.");
  if (since !== undefined && !/^((\d+[hms])+|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)$/.test(since))
    throw new UsageError(
      `--since is ${JSON.stringify(since)}`,
      "It takes a time span such as 90s, 10m or 1h30m, or a time such as 2026-11-25T03:00:00Z.",
    );
  return { tail: tail ?? (since === undefined ? TAIL : "all"), since };
}

/** The options for `docker logs`. Pure. @throws UserError as `logSpan` does */
export function logOptions(asked: SpanOptions & { readonly follow?: boolean | undefined }): readonly string[] {
  const { tail, since } = logSpan(asked);
  return [
    ...(asked.follow === true ? ["--follow"] : []),
    ...["--tail", tail],
    ...(since === undefined ? [] : ["--since", since]),
  ];
}

/**
 * The moment at which a span begins, in milliseconds; a time without a zone is this machine's, as Docker has it. Pure.
 * @throws UserError for a time that there is not
 */
export function beginOf({ since }: LogSpan, now: number): number {
  if (since === undefined) return Number.NEGATIVE_INFINITY;
  const parts = [...since.matchAll(/(\d+)([hms])/g)];
  if (/^\d+[hms]/.test(since))
    return parts.reduce((time, [, count, unit = ""]) => time - Number(count) * (MS[unit] ?? 0), now);
  const time = Date.parse(since.includes("T") ? since : `${since}T00:00:00`);
  if (Number.isNaN(time))
    throw new UsageError(`--since is ${JSON.stringify(since)}`, "There is no such time, or its minutes are missing.");
  return time;
}
