import { BY_SERVICE, SERVICE_UP } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import { PROBES } from "../records/latency.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** Slower than the catalog's `latency` allows. */
export const serviceSlow: Alert = {
  alert: "ServiceSlow",
  expr: ofWatched(`${PROBES.p95} > ${BY_SERVICE} ${CONSTANTS.latencyLimit}\nand ${BY_SERVICE} ${SERVICE_UP} == 1`),
  for: "5m",
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE} answers in {{ $value | humanizeDuration }}`,
  description: `One probe in twenty of ${SERVICE} takes at least as long as that, for 10 minutes by now; the catalog allows less.${WHOSE}`,
};
