import { METRICS } from "../metrics.js";
import type { Alert } from "../rule.js";

/** A week is left, or less. */
export const certificateAlmostExpired: Alert = {
  alert: "CertificateAlmostExpired",
  expr: `min by (part) (${METRICS.certificateNotAfter.name}) - time() < 7 * 86400`,
  for: "1h",
  severity: "page",
  scope: "platform",
  summary: "The certificate of {{ $labels.part }} ends in {{ $value | humanizeDuration }}",
  description: "Renew it now: after its end nothing reaches {{ $labels.part }} any more, and the platform comes apart.",
};
