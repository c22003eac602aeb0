import { AVAILABILITY } from "../records/availability.js";
import type { Alert } from "../rule.js";
import { unexplained } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** A service that discovery hands out no more. It stays told while Consul drops the dead service and it is put back. */
export const serviceDown: Alert = {
  alert: "ServiceDown",
  expr: unexplained(AVAILABILITY.down),
  for: "15s",
  keepFiringFor: "30s",
  scope: "service",
  summary: `${SERVICE} is down`,
  description: `No instance of ${SERVICE} passes its checks, so discovery hands out none and requests to it fail.${WHOSE}`,
};
