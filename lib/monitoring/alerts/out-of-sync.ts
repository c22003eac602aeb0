import { METRICS } from "../metrics.js";
import { AGENT_LOST, BLIND, unless } from "../promql.js";
import type { Alert } from "../rule.js";

/** Consul and the catalog differ, and no other alert says by what. */
export const outOfSync: Alert = {
  alert: "OutOfSync",
  expr: unless(
    `max(${METRICS.catalogInSync.name}) == 0`,
    `on () ${AGENT_LOST}`,
    `on () ${BLIND}`,
    `on () (${METRICS.catalogRefused.name} > 0)`,
    `on () (sum(${METRICS.serviceInstances.name}{state="missing"}) > 0)`,
  ),
  for: "90s",
  severity: "ticket",
  scope: "platform",
  summary: "Consul has services that nobody declared",
  description:
    "What is registered is not what the catalog declares. Nothing declared is missing and nothing is refused, so something is registered that the catalog does not have.",
};
