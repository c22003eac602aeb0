import { type AlertCases, casesOf, type RecordCases } from "../../lib/monitoring/cases/case.js";
import { renderAlertTests, renderRecordTests, type TestedRules } from "../../lib/monitoring/cases/render-tests.js";
import type { Alert, RecordRule, RuleFile } from "../../lib/monitoring/rule.js";
import { RUNBOOKS } from "../../lib/monitoring/runbooks.js";
import { wrongExprs } from "./mutate-promql.js";
import { metricsIn } from "./promql-tree.js";

/** Rules with one thing wrong, and the tests of which one must notice. */
export interface Mutant {
  /** The rule and what is wrong in it: an excuse names it. */
  readonly id: string;
  /** The file of rules. */
  readonly rules: RuleFile;
  /** Files of tests, the likeliest to notice first; all mutants of a rule share them. Each is for `rules.yml` beside it. */
  readonly tests: readonly Tests[];
}

/** A file of tests, made when it is needed. */
export type Tests = () => string;

/** What is mutated: rules, and the cases that are to notice. */
export interface Subject {
  readonly files: readonly RuleFile[];
  readonly alerts: readonly AlertCases[];
  readonly records: readonly (readonly [file: string, cases: RecordCases])[];
  /** All names that a record can be mistaken for. */
  readonly names: readonly string[];
}

/** Every mutant of every rule. */
export function mutantsOf(subject: Subject): readonly Mutant[] {
  return subject.files.flatMap((file) => [
    ...file.groups.flatMap(({ alerts }) => alerts).flatMap((alert) => alertMutants(alert, file, subject)),
    ...file.groups.flatMap(({ records }) => records).flatMap((record) => recordMutants(record, file, subject)),
  ]);
}

function alertMutants(alert: Alert, file: RuleFile, { alerts, names }: Subject): readonly Mutant[] {
  const cases = alerts.find((each) => each.alert === alert);
  if (cases === undefined) throw new Error(`${alert.alert} has no cases`);
  const { fires, silent } = cases;
  const rest = casesOf(cases).filter((each) => each !== fires && each !== silent);
  const tests = [[fires, silent], rest].map((some) => once(() => renderAlertTests(cases, tested(file), some)));
  return wrongAlerts(alert, names).map(({ what, wrong }) => ({
    id: `${alert.alert}: ${what}`,
    rules: narrowed(file, alert, wrong),
    tests,
  }));
}

function wrongAlerts(alert: Alert, names: readonly string[]): readonly { what: string; wrong: Alert }[] {
  const { for: wait, keepFiringFor: keep, ...rest } = alert;
  const { severity, ...unweighed } = alert;
  return [
    ...wrongExprs(alert.expr, names).map(({ what, expr }) => ({ what, wrong: { ...alert, expr } })),
    ...(wait === undefined
      ? [{ what: "for 5m", wrong: { ...alert, for: "5m" } }]
      : [
          { what: "no for", wrong: keep === undefined ? rest : { ...rest, keepFiringFor: keep } },
          { what: "for is twice as long", wrong: { ...alert, for: twice(wait) } },
        ]),
    ...(keep === undefined
      ? [{ what: "keep_firing_for 30d", wrong: { ...alert, keepFiringFor: "30d" } }]
      : [
          { what: "no keep_firing_for", wrong: wait === undefined ? rest : { ...rest, for: wait } },
          { what: "keep_firing_for is twice as long", wrong: { ...alert, keepFiringFor: twice(keep) } },
        ]),
    { what: "another severity", wrong: { ...alert, severity: severity === "ticket" ? "page" : "ticket" } },
    ...(severity === undefined ? [] : [{ what: "no severity", wrong: unweighed }]),
    { what: "another scope", wrong: { ...alert, scope: alert.scope === "service" ? "cluster" : "service" } },
    { what: "another summary", wrong: { ...alert, summary: `${alert.summary}!` } },
    { what: "another description", wrong: { ...alert, description: `${alert.description}!` } },
  ];
}

function recordMutants(record: RecordRule, file: RuleFile, subject: Subject): readonly Mutant[] {
  const own = subject.records.filter(([name]) => name === file.name).map(([, cases]) => cases);
  const users = subject.alerts.filter(({ alert }) => file.groups.some(({ alerts }) => alerts.includes(alert)));
  const tests = [
    ...own.map((cases) => once(() => renderRecordTests(cases, tested(file)))),
    ...users.map((cases) => once(() => renderAlertTests(cases, tested(file)))),
  ];
  return wrongExprs(record.expr, subject.names).map(({ what, expr }) => ({
    id: `${record.record}: ${what}`,
    rules: replaced(file, record, { ...record, expr }),
    tests,
  }));
}

/** The file with that alert alone, and with the records that it reads, directly or by others: tests of it are quick. */
function narrowed(file: RuleFile, alert: Alert, wrong: Alert): RuleFile {
  const all = file.groups.flatMap(({ records }) => records);
  const needed = new Set<string>();
  const need = (expr: string): void => {
    for (const name of metricsIn(expr)) {
      if (needed.has(name)) continue;
      needed.add(name);
      for (const { record, expr: inner } of all) if (record === name) need(inner);
    }
  };
  for (const text of [alert.expr, wrong.expr]) need(text);
  // Texts ask for the names of what is down.
  for (const { record } of all) if (`${alert.summary}${alert.description}`.includes(record)) needed.add(record);
  return {
    ...file,
    groups: file.groups.map((group) => ({
      ...group,
      records: group.records.filter(({ record }) => needed.has(record)),
      alerts: group.alerts.includes(alert) ? [wrong] : [],
    })),
  };
}

function replaced(file: RuleFile, record: RecordRule, wrong: RecordRule): RuleFile {
  const groups = file.groups.map((group) => ({
    ...group,
    records: group.records.map((each) => (each === record ? wrong : each)),
  }));
  return { ...file, groups };
}

function tested({ groups }: RuleFile): TestedRules {
  return { files: ["rules.yml"], groups: groups.map(({ name }) => name), runbooks: RUNBOOKS };
}

function once(make: Tests): Tests {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function twice(duration: string): string {
  return duration.replace(/\d+/, (count) => String(2 * Number(count)));
}
