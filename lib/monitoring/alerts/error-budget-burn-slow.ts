import { BY_SERVICE, SERVICE_UP, unless } from "../promql.js";
import type { Alert } from "../rule.js";
import { burns } from "./burns.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** The month's budget would be gone before the month is. */
export const errorBudgetBurnSlow: Alert = {
  alert: "ErrorBudgetBurnSlow",
  expr: ofWatched(unless(`(${burns("1d", "2h")}\nor ${burns("3d", "6h")})`, `${BY_SERVICE} (${SERVICE_UP} == 0)`)),
  for: "10m",
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE} will not meet its SLO`,
  description: `${SERVICE} was away for {{ $value | humanizePercentage }} of the last days and again in the last hours: more than its SLO allows for 30 days, if it goes on.${WHOSE}`,
};
