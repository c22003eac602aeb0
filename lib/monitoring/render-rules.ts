import { Document } from "yaml";
import type { Alert, RecordRule, RuleFile } from "./rule.js";

/** How rules are written. */
export interface RenderOptions {
  /** The address of the page with a heading for each alert. */
  readonly runbooks: string;
}

/** The groups of a file, in Prometheus' words. */
export function groupsOf(file: RuleFile, options: RenderOptions): readonly object[] {
  return file.groups.map(({ name, interval, records, alerts }) => ({
    name,
    interval,
    rules: [...records.map(recordOf), ...alerts.map((alert) => alertOf(alert, options))],
  }));
}

/** One file as Prometheus reads it; the same rules always give the same text. */
export function renderRules(file: RuleFile, options: RenderOptions): string {
  const document = new Document({ groups: groupsOf(file, options) });
  document.commentBefore = ` ${file.about}`;
  return document.toString({ lineWidth: 0 });
}

function recordOf({ record, expr, labels }: RecordRule) {
  return { record, expr, ...(labels === undefined ? {} : { labels }) };
}

function alertOf(alert: Alert, { runbooks }: RenderOptions) {
  const { severity, scope, summary, description } = alert;
  return {
    alert: alert.alert,
    expr: alert.expr,
    ...(alert.for === undefined ? {} : { for: alert.for }),
    ...(alert.keepFiringFor === undefined ? {} : { keep_firing_for: alert.keepFiringFor }),
    labels: { ...(severity === undefined ? {} : { severity }), scope },
    annotations: { summary, description, runbook_url: `${runbooks}#${headingOf(alert)}` },
  };
}

/** The alert's heading in the runbooks, as a browser finds it. */
export function headingOf({ alert }: Pick<Alert, "alert">): string {
  return alert.toLowerCase();
}
