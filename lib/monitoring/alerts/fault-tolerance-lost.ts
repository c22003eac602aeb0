import { LEADERLESS, SERVER_LOST, unless } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** The next loss stops writes, though each server answers. Fewer than three servers have none to lose. */
export const faultToleranceLost: Alert = {
  alert: "FaultToleranceLost",
  expr: unless(
    `min(consul_autopilot_failure_tolerance) < 1 and ${CONSTANTS.servers} > 2`,
    `on () ${SERVER_LOST}`,
    `on () ${LEADERLESS}`,
  ),
  for: "1m",
  severity: "page",
  scope: "cluster",
  summary: "No further Consul server may fail",
  description:
    "All Consul servers answer, but the leader does not count enough of them as healthy. The next one that fails stops all writes.",
};
