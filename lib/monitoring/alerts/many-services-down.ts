import { AGENT_LOST, BLIND, unless } from "../promql.js";
import { AVAILABILITY } from "../records/availability.js";
import type { Alert } from "../rule.js";
import { downList } from "./texts.js";

/** More than half of all services at once: one cause, told once. */
export const manyServicesDown: Alert = {
  alert: "ManyServicesDown",
  expr: unless(AVAILABILITY.many, `on () ${AGENT_LOST}`, `on () ${BLIND}`),
  for: "15s",
  keepFiringFor: "30s",
  severity: "page",
  scope: "platform",
  summary: "{{ $value | humanizePercentage }} of all services are down",
  description: `So many services do not fail one by one: look for what they share, such as a network, a host or a database. Down: ${downList()}`,
};
