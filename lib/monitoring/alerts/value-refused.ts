import { METRICS } from "../metrics.js";
import type { Alert } from "../rule.js";

/** A value in KV that is no definition: its service stays as it was. */
export const valueRefused: Alert = {
  alert: "ValueRefused",
  expr: `max(${METRICS.catalogRefused.name}) > 0`,
  severity: "ticket",
  scope: "platform",
  summary: "{{ $value }} values of the catalog are refused",
  description:
    "A value below catalog/ in Consul KV is no service definition. Its service stays as it was, and no other one is touched.",
};
