import { BY_SERVICE, SERVICE_UP, unless } from "../promql.js";
import type { Alert } from "../rule.js";
import { burns } from "./burns.js";
import { asDeclared } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** The month's budget would be gone within days. While the service is down, ServiceDown says so. */
export const errorBudgetBurnFast: Alert = {
  alert: "ErrorBudgetBurnFast",
  expr: asDeclared(unless(`(${burns("1h", "5m")}\nor ${burns("6h", "30m")})`, `${BY_SERVICE} (${SERVICE_UP} == 0)`)),
  for: "1m",
  scope: "service",
  summary: `${SERVICE} uses its error budget up within days`,
  description: `${SERVICE} was away for {{ $value | humanizePercentage }} of the last hours and again just now. If it goes on, what its SLO allows for 30 days is gone in five at the most.${WHOSE}`,
};
