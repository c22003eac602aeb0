import type { Alert } from "../rule.js";

/** Prometheus cannot evaluate a rule: what it would say, nobody says. */
export const ruleFailures: Alert = {
  alert: "RuleFailures",
  expr: "sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0",
  for: "5m",
  severity: "ticket",
  scope: "platform",
  summary: "Prometheus cannot evaluate its rules",
  description: "Rules of {{ $labels.rule_group }} have failed for 5 minutes. The alerts that they make are missing.",
};
