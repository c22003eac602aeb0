import { BY_SERVICE } from "../promql.js";
import { RED } from "../records/red.js";
import type { Alert } from "../rule.js";
import { asDeclared } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** The service answers its callers with errors, as it counts them itself; with a request in ten seconds at least. */
export const serviceErrors: Alert = {
  alert: "ServiceErrors",
  expr: asDeclared(`${RED.errorRatio} > 0.05 and ${BY_SERVICE} ${RED.requests} > 0.1`),
  for: "5m",
  scope: "service",
  summary: `${SERVICE} answers {{ $value | humanizePercentage }} of its requests with an error`,
  description: `Its check passes and its callers get errors: ${SERVICE} counts them itself, as answers of 500 and above.${WHOSE}`,
};
