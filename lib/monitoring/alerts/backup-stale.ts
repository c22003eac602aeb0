import { METRICS } from "../metrics.js";
import { BLIND, unless } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

const LAST = METRICS.backupLastSuccess.name;

/** Two turns of the schedule without a backup, or nobody who makes one. */
export const backupStale: Alert = {
  alert: "BackupStale",
  expr: [
    `time() - max(${LAST}) > 2 * ${CONSTANTS.backupEvery}`,
    `or (${unless(CONSTANTS.backupEvery, `on () (max_over_time(${LAST}[10m]) != 0)`, `on () ${BLIND}`)})`,
  ].join("\n"),
  for: "5m",
  severity: "ticket",
  scope: "platform",
  summary: "The scheduled backup is not made",
  description:
    "Two backups in a row were not made, or there has been none at all. Until there is one again, a lost platform loses all that changed since the last one.",
};
