import { AGENT_LOST, BLIND, unless } from "../promql.js";
import { AVAILABILITY } from "../records/availability.js";
import type { Alert } from "../rule.js";
import { downList } from "./texts.js";

/** More than half of a team's services at once. */
export const teamDown: Alert = {
  alert: "TeamDown",
  expr: unless(AVAILABILITY.teamMany, `on () ${AGENT_LOST}`, `on () ${BLIND}`, `on () ${AVAILABILITY.many}`),
  for: "15s",
  keepFiringFor: "30s",
  severity: "page",
  scope: "service",
  summary: "{{ $value | humanizePercentage }} of the services of {{ $labels.team }} are down",
  description: `Look for what the services of {{ $labels.team }} share, such as a deployment or a database. Down: ${downList("$labels.team")}`,
};
