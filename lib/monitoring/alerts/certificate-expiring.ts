import { METRICS } from "../metrics.js";
import { unless } from "../promql.js";
import type { Alert } from "../rule.js";

const LEFT = `min by (part) (${METRICS.certificateNotAfter.name}) - time()`;

/** Two weeks are left. From the last week on CertificateAlmostExpired says so. */
export const certificateExpiring: Alert = {
  alert: "CertificateExpiring",
  expr: unless(`${LEFT} < 14 * 86400`, `${LEFT} < 7 * 86400`),
  for: "1h",
  severity: "ticket",
  scope: "platform",
  summary: "The certificate of {{ $labels.part }} ends in {{ $value | humanizeDuration }}",
  description:
    "`rollcall up` renews certificates in their last 30 days; it has not run since, or could not. After the end nothing reaches {{ $labels.part }} any more.",
};
