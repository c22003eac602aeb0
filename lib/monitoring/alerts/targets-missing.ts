import { SERVER_JOB } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** Prometheus asks fewer or more Consul servers than the platform has: the rules of the cluster are half blind. */
export const targetsMissing: Alert = {
  alert: "TargetsMissing",
  expr: `(count(up{job="${SERVER_JOB}"}) or vector(0)) != ${CONSTANTS.servers}`,
  for: "2m",
  severity: "page",
  scope: "cluster",
  summary: "Prometheus knows {{ $value }} Consul servers, not as many as there are",
  description:
    "Prometheus' list of Consul servers is not the platform's. A server that is not in it can fail unnoticed.",
};
