import { METRICS } from "../metrics.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** The host's memory, against the limit of the settings. */
export const hostMemory: Alert = {
  alert: "HostMemory",
  expr: `max(${METRICS.hostMemory.name}) > ${CONSTANTS.memoryLimit}`,
  for: "15m",
  severity: "ticket",
  scope: "platform",
  summary: "The memory of the host is nearly used up",
  description:
    "{{ $value | humanizePercentage }} of the host's memory is in use. When it is used up, the kernel ends programs, Consul's among them.",
};
