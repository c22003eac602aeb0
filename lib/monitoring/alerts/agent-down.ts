import { AGENT_LOST } from "../promql.js";
import type { Alert } from "../rule.js";

/** The agent that checks the services: without it nobody knows how they are. */
export const agentDown: Alert = {
  alert: "AgentDown",
  expr: `max by (node) ${AGENT_LOST}`,
  for: "10s",
  keepFiringFor: "30s",
  severity: "page",
  scope: "platform",
  summary: "The agent {{ $labels.node }} is gone",
  description:
    "The servers do not reach the agent that checks the services. Discovery hands out none of its services, though they may all run.",
};
