import type { Alert } from "../rule.js";

const METRICS = ["consul_acl_blocked_service_registration", "consul_acl_blocked_check_registration"];

// A counter that was not there before has counted from 0, which `increase` does not see.
const blocked = (metric: string) =>
  `sum(increase(${metric}[15m])) > 0 or (sum(${metric}) > 0 unless sum(${metric} offset 15m))`;

/** The agent may not register what it has. */
export const aclBlocked: Alert = {
  alert: "AclBlocked",
  expr: METRICS.map(blocked).join("\nor "),
  severity: "ticket",
  scope: "platform",
  summary: "Consul refuses registrations for lack of a right",
  description:
    "In the last 15 minutes the agent was refused a service or a check because its token lacks the right. What was refused is not found by anybody.",
};
