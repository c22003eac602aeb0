import { headingOf } from "../render-rules.js";
import type { Alert } from "../rule.js";
import { RUNBOOKS } from "../runbooks.js";
import type { AlertCases, Case, Firing, Series, Values } from "./case.js";

/** What becomes the cases of an alert whose series are of one value for some time. */
export interface GaugeStory {
  readonly alert: Alert;
  /** @default 5 */
  readonly step?: number;
  /** All is well. */
  readonly calm: Series;
  /** What of it becomes what, so that the alert fires. */
  readonly trouble: Series;
  /** What it says then, in full. */
  readonly told: Firing;
  /** As bad as it may be without being told. */
  readonly nearly: Series;
  /** The series that may be absent, besides those of the trouble. @default - none */
  readonly gone?: readonly string[];
  /** What is told while the agent is gone as well: the trouble has another cause, or it is explained by that. */
  readonly agentGone: "told" | "explained";
  /** Further stories: what else is so, and what is told. @default - none */
  readonly also?: readonly Also[];
}

/** A story on top of the trouble. */
export interface Also {
  readonly name: string;
  readonly series: Series;
  readonly told: readonly Firing[];
}

/** The agent's series, which nearly all that is said of services depends on. */
export const AGENT = 'rollcall_agent_up{node="agent"}';

/** The monitor sees the servers. */
export const REACHABLE = "rollcall_consul_reachable";

/** Makes the cases: each time that the rule names is met from both sides. */
export function gaugeCases(story: GaugeStory): AlertCases {
  const { alert, step = 5, calm, trouble, told, nearly, gone = [], agentGone, also = [] } = story;
  const [wait, keep] = [secondsOf(alert.for), secondsOf(alert.keepFiringFor)];
  const [begin, end] = [4 * step, 8 * step + wait];
  const settled = wait + 4 * step;
  const steady = (name: string, series: Series, firing: readonly Firing[]): Case => ({
    name,
    series,
    checks: [{ at: settled, firing }],
  });
  const all = { ...calm, ...trouble };
  return {
    alert,
    step,
    fires: {
      name: "is told once it has lasted, and no longer than it lasts",
      series: { ...calm, ...mapped(trouble, (value, name) => phases(calm[name], begin, value, end)) },
      checks: [
        { at: begin + wait - step, firing: [] },
        { at: begin + wait, firing: [told] },
        ...(keep === 0 ? [] : [{ at: end + keep - step, firing: [told] }]),
        { at: end + keep, firing: [] },
      ],
    },
    silent: steady("is not told before it is as bad as that", { ...calm, ...nearly }, []),
    absent: steady("is not told where nothing is known", without(calm, [...Object.keys(trouble), ...gone]), []),
    agentGone: steady(
      agentGone === "told" ? "is told without the agent, too" : "is not told where the agent's loss explains it",
      { ...all, [AGENT]: 0 },
      agentGone === "told" ? [told] : [],
    ),
    more: also.map(({ name, series, told: firing }) => steady(name, { ...all, ...series }, firing)),
  };
}

/** What an alert says, with the address of its runbook. */
export function firing(alert: Alert, labels: Firing["labels"], summary: string, description: string): Firing {
  const runbook_url = `${RUNBOOKS}#${headingOf(alert)}`;
  return { labels, annotations: { summary, description, runbook_url } };
}

/** A duration of a rule in seconds; 0 where it has none. */
function secondsOf(duration = "0s"): number {
  const units = { s: 1, m: 60, h: 3600 } as const;
  return [...duration.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unit === "h" ? units.h : unit === "m" ? units.m : units.s),
    0,
  );
}

function phases(calm: Values | undefined, begin: number, trouble: Values, end: number): Values {
  return [
    [single(calm), begin],
    [single(trouble), end - begin],
    [single(calm), begin],
  ];
}

function single(values: Values | undefined): number | undefined {
  return typeof values === "number" ? values : undefined;
}

function mapped(series: Series, change: (values: Values, name: string) => Values): Series {
  return Object.fromEntries(Object.entries(series).map(([name, values]) => [name, change(values, name)]));
}

function without(series: Series, names: readonly string[]): Series {
  return Object.fromEntries(Object.entries(series).filter(([name]) => !names.includes(name)));
}
