import { METRICS } from "../metrics.js";
import type { RecordRule } from "../rule.js";
import { CONSTANTS } from "./constants.js";

/** One minute of a service's availability; everything below is made of these. */
export const UP_MINUTE = "service:up:avg1m";

/** Which part of a window a service was not available, such as `service:unavailable:ratio1h`. */
export function unavailable(window: string): string {
  return `service:unavailable:ratio${window}`;
}

/** Which part of the month's budget is left: 1 all of it, below 0 none. */
export const BUDGET_REMAINING = "service:budget_remaining:ratio30d";

/** Which part of the month was measured at all: a figure beside it is worth as much. */
export const MEASURED = "service:measured:ratio30d";

const MINUTES_OF_30_DAYS = 30 * 24 * 60;

/** Every minute. */
export const sloRecords: readonly RecordRule[] = [
  { record: UP_MINUTE, expr: `max by (service, team) (avg_over_time(${METRICS.serviceUp.name}[1m]))` },
  ...["5m", "30m", "1h", "2h", "6h"].map(window),
];

/** Every two minutes: they read a day and more. */
export const longSloRecords: readonly RecordRule[] = [
  ...["1d", "3d", "30d"].map(window),
  {
    record: BUDGET_REMAINING,
    expr: `1 - ${unavailable("30d")} / on (service, team) (1 - ${CONSTANTS.serviceSlo})`,
  },
  { record: MEASURED, expr: `count_over_time(${UP_MINUTE}[30d]) / ${MINUTES_OF_30_DAYS}` },
];

function window(length: string): RecordRule {
  return { record: unavailable(length), expr: `1 - avg_over_time(${UP_MINUTE}[${length}])` };
}
