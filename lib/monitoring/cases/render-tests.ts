import { Document } from "yaml";
import { RUNBOOKS } from "../runbooks.js";
import { type AlertCases, type Case, casesOf, type RecordCases, type Series, type Values } from "./case.js";

const PRECISION = 1_000_000;

/** The rules that a file of tests is for. */
export interface TestedRules {
  /** Their paths, seen from the tests. */
  readonly files: readonly string[];
  /** The names of their groups, in the order in which they are evaluated. */
  readonly groups: readonly string[];
  /** Where they say that the runbooks are. */
  readonly runbooks: string;
}

/**
 * The tests of one alert as promtool reads them.
 * @param some the cases of it, @default all
 */
export function renderAlertTests(cases: AlertCases, rules: TestedRules, some = casesOf(cases)): string {
  const { alert, step } = cases;
  return render(
    rules,
    step,
    some.map((each) => alertTest(alert.alert, step, each, rules)),
  );
}

/** The tests of some records. */
export function renderRecordTests({ name, step, cases }: RecordCases, rules: TestedRules): string {
  const tests = cases.map((each) => ({
    name: `${name}: ${each.name}`,
    interval: `${step}s`,
    input_series: inputOf(each.series, step, each.checks),
    promql_expr_test: each.checks.map(({ at, record, samples }) => ({
      // Without the last digits, which say how a computer adds.
      expr: `round(${record}, ${1 / PRECISION})`,
      eval_time: `${at}s`,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({
        labels,
        value: Math.round(value * PRECISION) / PRECISION,
      })),
    })),
  }));
  return render(rules, step, tests);
}

function render({ files, groups }: TestedRules, step: number, tests: readonly object[]): string {
  return new Document(
    { rule_files: files, evaluation_interval: `${step}s`, group_eval_order: groups, fuzzy_compare: true, tests },
    { aliasDuplicateObjects: false },
  ).toString({ lineWidth: 0 });
}

function alertTest(alert: string, step: number, { name, series, checks }: Case, { runbooks }: TestedRules) {
  return {
    name: `${alert} ${name}`,
    interval: `${step}s`,
    input_series: inputOf(series, step, checks),
    alert_rule_test: checks.map(({ at, firing }) => ({
      eval_time: `${at}s`,
      alertname: alert,
      exp_alerts: firing.map(({ labels, annotations }) => ({
        exp_labels: labels,
        exp_annotations: { ...annotations, runbook_url: annotations.runbook_url?.replace(RUNBOOKS, runbooks) },
      })),
    })),
  };
}

function inputOf(series: Series, step: number, checks: readonly { readonly at: number }[]) {
  const count = Math.max(...checks.map(({ at }) => at)) / step + 1;
  return Object.entries(series).map(([name, values]) => ({ series: name, values: written(values, step, count) }));
}

/** Values as promtool writes them: `1x3` is a 1 that is there four times. */
function written(values: Values, step: number, count: number): string {
  if (typeof values === "string") return values;
  if (typeof values === "number") return times(values, count);
  return values
    .map(([value, seconds], index) => times(value, index === values.length - 1 ? count : seconds / step))
    .join(" ");
}

function times(value: number | undefined, count: number): string {
  // An instance that is scraped no longer is stale at once.
  if (value === undefined) return `stale _x${count - 1}`;
  return `${value}x${count - 1}`;
}
