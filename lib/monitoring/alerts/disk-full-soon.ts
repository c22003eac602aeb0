import { METRICS } from "../metrics.js";
import { unless } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import type { Alert } from "../rule.js";

/** At the pace of the last six hours the disk is full within a day. Where it is nearly full by now, HostDisk says so. */
export const diskFullSoon: Alert = {
  alert: "DiskFullSoon",
  expr: unless(
    `min(predict_linear(${METRICS.hostDiskFree.name}[6h], 86400)) < 0`,
    `on () (max(${METRICS.hostDisk.name}) > ${CONSTANTS.diskLimit})`,
  ),
  for: "30m",
  severity: "ticket",
  scope: "platform",
  summary: "The disk of the host is full within a day",
  description:
    "If it goes on as in the last six hours, the disk with Docker's data is full within 24 hours. On a full disk Consul takes no more writes.",
};
