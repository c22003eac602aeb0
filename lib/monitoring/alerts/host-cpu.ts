import { METRICS } from "../metrics.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** The host's processors, against the limit of the settings. */
export const hostCpu: Alert = {
  alert: "HostCpu",
  expr: `max(${METRICS.hostCpu.name}) > ${CONSTANTS.cpuLimit}`,
  for: "15m",
  severity: "ticket",
  scope: "platform",
  summary: "The processors of the host are busy",
  description:
    "{{ $value | humanizePercentage }} of the host's processors were busy for 15 minutes. Checks get late, and healthy services look ill.",
};
