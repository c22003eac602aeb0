import type { Alert } from "../rule.js";

/*
 * What the rules are to say, as promtool tests it. The rules of one platform and the rules' tests are exported together.
 */

/**
 * The values of a series: one for all the time; values with how many seconds each lasts, the last one to the end; or
 * promtool's own words. `undefined` is no value.
 */
export type Values = number | readonly (readonly [value: number | undefined, seconds: number])[] | string;

/** Series with their values, by their names with labels, such as `rollcall_agent_up{node="agent"}`. */
export type Series = Readonly<Record<string, Values>>;

/** One alert as it is told. */
export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a case expects at one time. */
export interface Check {
  /** In seconds. */
  readonly at: number;
  /** All that is told then. */
  readonly firing: readonly Firing[];
}

/** Something that happens, and what is told of it. */
export interface Case {
  /** A sentence about it. */
  readonly name: string;
  readonly series: Series;
  readonly checks: readonly Check[];
}

/** The cases of one alert; the first four have all of them. */
export interface AlertCases {
  readonly alert: Alert;
  /** Seconds between two values, and between two evaluations. */
  readonly step: number;
  readonly fires: Case;
  readonly silent: Case;
  readonly absent: Case;
  readonly agentGone: Case;
  readonly more: readonly Case[];
}

/** A record at one time: every series of its result, by its labels. */
export interface RecordCheck {
  readonly at: number;
  readonly record: string;
  /** Such as `{team="payments"}` with its value. */
  readonly samples: Readonly<Record<string, number>>;
}

/** What some records are to be. */
export interface RecordCases {
  /** Such as `availability`. */
  readonly name: string;
  readonly step: number;
  readonly cases: readonly {
    readonly name: string;
    readonly series: Series;
    readonly checks: readonly RecordCheck[];
  }[];
}

/** All cases of an alert, the four first. */
export function casesOf({ fires, silent, absent, agentGone, more }: AlertCases): readonly Case[] {
  return [fires, silent, absent, agentGone, ...more];
}
