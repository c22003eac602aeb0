import type { Alert } from "../rule.js";

/** Leaders that come and go. A server that calls elections and wins none is NoLeader's, or cut off and ServerDown's. */
export const elections: Alert = {
  alert: "Elections",
  expr: "sum(increase(consul_raft_state_leader[10m])) > 3",
  severity: "ticket",
  scope: "cluster",
  summary: "Consul elected a leader again and again",
  description:
    'The Consul servers elected {{ printf "%.0f" $value }} leaders in 10 minutes. Each one stops writes for some seconds; a slow disk or network is the usual cause.',
};
