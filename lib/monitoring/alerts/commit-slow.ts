import type { Alert } from "../rule.js";

/** A write takes long until a majority has it. */
export const commitSlow: Alert = {
  alert: "CommitSlow",
  expr: "max(rate(consul_raft_commitTime_sum[5m]) / rate(consul_raft_commitTime_count[5m])) > 50",
  for: "5m",
  severity: "ticket",
  scope: "cluster",
  summary: "Consul commits slowly",
  description:
    'A write in Consul takes {{ printf "%.0f" $value }} ms on average until a majority of the servers has it; 50 is much. A busy disk is the usual cause.',
};
