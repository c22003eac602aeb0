/*
 * What a Prometheus evaluates for a platform. Alerts and records are data: rendered for a Prometheus, tested by promtool,
 * and changed one piece at a time to see that a test notices.
 */

/** Who is told: somebody at once, somebody in working hours, nobody. */
export type Severity = "page" | "ticket" | "none";

/** What an alert is about: the platform as a whole, the Consul servers, or one service or team. */
export type Scope = "platform" | "cluster" | "service";

/** Something that somebody is to be told. */
export interface Alert {
  /** Its name, in the form of `ServiceDown`; in small letters it is its heading in docs/runbooks.md. */
  readonly alert: string;
  /** What is wrong as PromQL: each series of the result is one alert. */
  readonly expr: string;
  /** How long it must be so. @default - at once */
  readonly for?: string;
  /** How long it is still told after that it is no longer so. @default - not at all */
  readonly keepFiringFor?: string;
  /** @default - what the label `severity` of the series says: the service's field `alert` */
  readonly severity?: Severity;
  readonly scope: Scope;
  /** One line for a phone. */
  readonly summary: string;
  /** What it means and what comes next, in two or three sentences. */
  readonly description: string;
}

/** A series that is computed beforehand. */
export interface RecordRule {
  readonly record: string;
  readonly expr: string;
  /** @default - those of the result */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Rules that are evaluated one after the other, so that each sees what those before it have just computed. */
export interface RuleGroup {
  readonly name: string;
  /** How often, such as `15s`. */
  readonly interval: string;
  readonly records: readonly RecordRule[];
  /** They come after the records. */
  readonly alerts: readonly Alert[];
}

/** One file of rules. */
export interface RuleFile {
  /** Such as `services.rules.yml`. */
  readonly name: string;
  /** What the file is for, as its first line says it. */
  readonly about: string;
  readonly groups: readonly RuleGroup[];
}
