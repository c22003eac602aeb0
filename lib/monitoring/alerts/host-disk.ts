import { METRICS } from "../metrics.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** The host's disk, against the limit of the settings. */
export const hostDisk: Alert = {
  alert: "HostDisk",
  expr: `max(${METRICS.hostDisk.name}) > ${CONSTANTS.diskLimit}`,
  for: "30m",
  severity: "ticket",
  scope: "platform",
  summary: "The disk of the host is nearly full",
  description:
    "{{ $value | humanizePercentage }} of the disk with Docker's data is in use. On a full disk Consul takes no more writes.",
};
