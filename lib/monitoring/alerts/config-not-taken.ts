import type { Alert } from "../rule.js";

/** A changed configuration was refused: Prometheus or Alertmanager goes on with the one before. */
export const configNotTaken: Alert = {
  alert: "ConfigNotTaken",
  expr: "prometheus_config_last_reload_successful == 0\nor alertmanager_config_last_reload_successful == 0",
  for: "1m",
  severity: "ticket",
  scope: "platform",
  summary: "{{ $labels.job }} does not take its configuration",
  description:
    "{{ $labels.job }} was told to read its configuration again and found it wrong. It goes on with the one before: what was changed since does not count.",
};
