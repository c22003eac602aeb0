import { LEADERLESS } from "../promql.js";
import type { Alert } from "../rule.js";

/** No server leads: nothing can be written. */
export const noLeader: Alert = {
  alert: "NoLeader",
  expr: LEADERLESS,
  for: "15s",
  severity: "page",
  scope: "cluster",
  summary: "Consul has no leader",
  description:
    "The Consul servers have no leader, so nothing can be registered or changed. Discovery still answers, with what was true before.",
};
