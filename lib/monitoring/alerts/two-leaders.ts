import type { Alert } from "../rule.js";

/** After a hand-over both call themselves leader for up to ten seconds; longer is trouble. */
export const twoLeaders: Alert = {
  alert: "TwoLeaders",
  expr: "sum(consul_server_isLeader) > 1",
  for: "30s",
  severity: "page",
  scope: "cluster",
  summary: "{{ $value }} Consul servers call themselves leader",
  description:
    "More than one Consul server believes that it leads, for longer than a hand-over takes. The servers are likely cut off from each other.",
};
