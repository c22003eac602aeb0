import { BY_SERVICE, instances, SERVICE_UP, unless } from "../promql.js";
import type { Alert } from "../rule.js";
import { ofWatched } from "./explained.js";
import { SERVICE, WHOSE } from "./texts.js";

/** An instance that is declared and that nobody registers. Where the whole service is away, ServiceDown says so. */
export const serviceMissing: Alert = {
  alert: "ServiceMissing",
  expr: ofWatched(unless(`${instances("missing")} > 0`, `${BY_SERVICE} (${SERVICE_UP} == 0)`)),
  for: "90s",
  severity: "ticket",
  scope: "service",
  summary: `${SERVICE}: {{ $value }} declared instances are not registered`,
  description: `The registrar puts a declared instance back within 30 seconds; this one stays away. Most often its definition is refused.${WHOSE}`,
};
