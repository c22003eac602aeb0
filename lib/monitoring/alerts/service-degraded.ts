import { METRICS } from "../metrics.js";
import { BY_SERVICE, instances, SERVICE_UP, unless } from "../promql.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

// An instance that Consul dropped is put back within 30 s; what is missing for longer is told by ServiceMissing.
const MISSING = `sum by (service, team) (min_over_time(${METRICS.serviceInstances.name}{state="missing"}[90s])) > 0`;

/** Some instances are ill while others still answer. */
export const serviceDegraded: Alert = {
  alert: "ServiceDegraded",
  expr: ofWatched(
    unless(`${instances("critical|missing")} > 0\nand ${BY_SERVICE} ${SERVICE_UP} == 1`, `${BY_SERVICE} ${MISSING}`),
  ),
  for: "2m",
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE} has lost {{ $value }} of its instances`,
  description: `${SERVICE} still answers, with fewer instances than declared: the next loss may take it down.${WHOSE}`,
};
