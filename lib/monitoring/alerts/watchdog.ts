import type { Alert } from "../rule.js";

/** It is always there. Who no longer hears it knows that alerts do not arrive. */
export const watchdog: Alert = {
  alert: "Watchdog",
  expr: "vector(1)",
  severity: "none",
  scope: "platform",
  summary: "Alerts arrive",
  description:
    "This alert is always there. Send it to somebody who notices when it stops: then no other alert arrives either.",
};
