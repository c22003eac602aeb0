import { PROBE_JOB } from "../promql.js";
import type { RecordRule } from "../rule.js";

/** What probes from outside say of a service. */
export const PROBES = {
  p95: "service:probe_duration:p95_5m",
  p95Hour: "service:probe_duration:p95_1h",
  failures: "service:probe_failures:ratio5m",
} as const;

/** Of several instances the slowest counts for the duration, and all of them for the failures. */
export const latencyRecords: readonly RecordRule[] = [
  { record: PROBES.p95, expr: p95("5m") },
  { record: PROBES.p95Hour, expr: p95("1h") },
  {
    record: PROBES.failures,
    expr: `1 - avg by (service, team) (avg_over_time(probe_success{job="${PROBE_JOB}"}[5m]))`,
  },
];

function p95(window: string): string {
  return `max by (service, team) (quantile_over_time(0.95, probe_duration_seconds{job="${PROBE_JOB}"}[${window}]))`;
}
