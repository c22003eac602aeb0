import { METRICS } from "../metrics.js";
import { BY_SERVICE } from "../promql.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

const CHANGES = `sum by (service, team) (increase(${METRICS.serviceChanges.name}[15m])) > 6`;
// A dead service changes as well: Consul drops it and it is put back. It never passes in between.
const COMES_AND_GOES = `max by (service, team) (changes(${METRICS.serviceInstances.name}{state="passing"}[15m])) > 2`;

/** A service that comes and goes. */
export const serviceFlapping: Alert = {
  alert: "ServiceFlapping",
  expr: ofWatched(`${CHANGES}\nand ${BY_SERVICE} ${COMES_AND_GOES}`),
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE} comes and goes`,
  description: `${SERVICE} changed {{ printf "%.0f" $value }} times between healthy and ill in 15 minutes. Callers see errors now and then.${WHOSE}`,
};
