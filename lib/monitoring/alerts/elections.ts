import type { Alert } from "../rule.js";

/** Leaders that come and go. */
export const elections: Alert = {
  alert: "Elections",
  expr: "sum(increase(consul_raft_state_candidate[10m])) > 3",
  severity: "ticket",
  scope: "cluster",
  summary: "Consul elected a leader again and again",
  description:
    'The Consul servers called {{ printf "%.0f" $value }} elections in 10 minutes. Each one stops writes for some seconds; a slow disk or network is the usual cause.',
};
