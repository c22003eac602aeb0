import type { Alert } from "../rule.js";

/** Alertmanager cannot tell somebody. Who is told in another way is told of this, too. */
export const notifyFailures: Alert = {
  alert: "NotifyFailures",
  expr: "sum by (integration) (increase(alertmanager_notifications_failed_total[5m])) > 0",
  for: "5m",
  severity: "ticket",
  scope: "platform",
  summary: "Alerts do not reach everybody: {{ $labels.integration }} fails",
  description:
    "Alertmanager has tried to tell somebody by {{ $labels.integration }} for 5 minutes, and could not. Whoever is told in that way alone does not know what is wrong.",
};
