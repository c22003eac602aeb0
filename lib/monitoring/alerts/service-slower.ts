import { BY_SERVICE, SERVICE_UP } from "../promql.js";
import { PROBES } from "../records/latency.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** Twice as slow as a week ago at the same hour, and slow enough to be felt. */
export const serviceSlower: Alert = {
  alert: "ServiceSlower",
  expr: ofWatched(
    [
      `${PROBES.p95Hour} > 2 * ${PROBES.p95Hour} offset 7d`,
      `and ${PROBES.p95Hour} > 0.2`,
      `and ${BY_SERVICE} ${SERVICE_UP} == 1`,
    ].join("\n"),
  ),
  for: "30m",
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE} is twice as slow as a week ago`,
  description: `One probe in twenty of ${SERVICE} took at least {{ $value | humanizeDuration }} in the last hour, more than twice what it was at this time a week ago.${WHOSE}`,
};
