import { METRICS } from "../metrics.js";
import { BLIND, LEADERLESS, unless } from "../promql.js";
import type { Alert } from "../rule.js";

/** People and programs outside reach Consul no more; services inside do. */
export const gatewayDown: Alert = {
  alert: "GatewayDown",
  expr: unless(`max(${METRICS.gatewayUp.name}) == 0`, `on () ${BLIND}`, `on () ${LEADERLESS}`),
  for: "30s",
  severity: "page",
  scope: "platform",
  summary: "The gateway does not answer",
  description:
    "UI, API and `rollcall up` go through the gateway (consul-ui), which does not answer. The services find each other as before.",
};
