import { BY_SERVICE, SERVICE_UP } from "../promql.js";
import { PROBES } from "../records/latency.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** Consul calls the service healthy, and probes fail now and then. */
export const probeFailures: Alert = {
  alert: "ProbeFailures",
  expr: ofWatched(`${PROBES.failures} > 0.1\nand ${BY_SERVICE} ${SERVICE_UP} == 1`),
  for: "5m",
  severity: "ticket",
  scope: "service",
  summary: `{{ $value | humanizePercentage }} of the probes of ${SERVICE} fail`,
  description: `Consul's own check of ${SERVICE} passes, probes from outside fail now and then: callers may see the same.${WHOSE}`,
};
