import { SERVER_LOST, unless } from "../promql.js";
import type { Alert } from "../rule.js";

/** Followers hear late from their leader. While a server is dead the figure grows without end, and says nothing. */
export const lastContactHigh: Alert = {
  alert: "LastContactHigh",
  expr: unless('max(max_over_time(consul_raft_leader_lastContact{quantile="0.99"}[2m])) > 200', `on () ${SERVER_LOST}`),
  for: "2m",
  severity: "ticket",
  scope: "cluster",
  summary: "Consul servers hear late from their leader",
  description:
    'A follower waited {{ printf "%.0f" $value }} ms for its leader; 200 is much. From 500 on elections begin.',
};
