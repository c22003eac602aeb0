import { configNotTaken } from "../alerts/config-not-taken.js";
import { notifyFailures } from "../alerts/notify-failures.js";
import { ruleFailures } from "../alerts/rule-failures.js";
import type { Alert } from "../rule.js";
import type { AlertCases, Series } from "./case.js";
import { AGENT, firing, gaugeCases, REACHABLE } from "./gauge-cases.js";

const TICKET = { scope: "platform", severity: "ticket" } as const;
const WELL: Series = { [AGENT]: 1, [REACHABLE]: 1 };
const PROMETHEUS = 'prometheus_config_last_reload_successful{job="prometheus"}';
const ALERTMANAGER = 'alertmanager_config_last_reload_successful{job="alertmanager"}';

const isNotTaken = (job: string) =>
  firing(
    configNotTaken,
    { ...TICKET, job },
    `${job} does not take its configuration`,
    `${job} was told to read its configuration again and found it wrong. It goes on with the one before: what was changed since does not count.`,
  );

const notTaken = gaugeCases({
  alert: configNotTaken,
  step: 15,
  calm: { ...WELL, [PROMETHEUS]: 1, [ALERTMANAGER]: 1 },
  trouble: { [ALERTMANAGER]: 0 },
  told: isNotTaken("alertmanager"),
  nearly: { [ALERTMANAGER]: 1 },
  gone: [PROMETHEUS],
  agentGone: "told",
  also: [
    {
      name: "is told of Prometheus as well",
      series: { [PROMETHEUS]: 0, [ALERTMANAGER]: 1 },
      told: [isNotTaken("prometheus")],
    },
  ],
});

/** A counter that goes on for some minutes, beside another one of the same label that does not. */
function failing(alert: Alert, label: string, summary: string, description: string, metric: string): AlertCases {
  const [name, value] = label.split("=");
  const counter = `${metric}{${name}="${value}",instance="a"}`;
  const other = `${metric}{${name}="another",instance="a"}`;
  const told = firing(alert, { ...TICKET, [name ?? ""]: value ?? "" }, summary, description);
  // It fails once in each 15 s from the 10th minute to the 20th: 40 times.
  const series: Series = { ...WELL, [counter]: "0x39 0+1x40 40x60", [other]: 3 };
  return {
    alert,
    step: 15,
    fires: {
      name: "is told once it has lasted for five minutes, and for five more",
      series,
      checks: [
        { at: 900, firing: [] },
        { at: 930, firing: [told] },
        { at: 1470, firing: [told] },
        { at: 1530, firing: [] },
      ],
    },
    silent: {
      name: "is not told of one that failed once",
      series: { ...WELL, [counter]: "0x39 1x80", [other]: 3 },
      checks: [{ at: 930, firing: [] }],
    },
    absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 930, firing: [] }] },
    agentGone: {
      name: "is told without the agent, too",
      series: { ...series, [AGENT]: 0 },
      checks: [{ at: 930, firing: [told] }],
    },
    more: [],
  };
}

const notTold = failing(
  notifyFailures,
  "integration=slack",
  "Alerts do not reach everybody: slack fails",
  "Alertmanager has tried to tell somebody by slack for 5 minutes, and could not. Whoever is told in that way alone does not know what is wrong.",
  "alertmanager_notifications_failed_total",
);

const notJudged = failing(
  ruleFailures,
  "rule_group=services",
  "Prometheus cannot evaluate its rules",
  "Rules of services have failed for 5 minutes. The alerts that they make are missing.",
  "prometheus_rule_evaluation_failures_total",
);

/** Whether alerts are made, and reach people. */
export const ALERTING: readonly AlertCases[] = [notTaken, notTold, notJudged];
