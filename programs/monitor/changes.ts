import { isSecretBody, isSecretText, NOT_SHOWN } from "../../lib/catalog/secret.js";
import { INSTANCE_STATES, type InstanceState } from "../../lib/monitoring/metrics.js";
import type { View } from "./states.js";

/** What was last known of an instance: what the next view is compared with. */
export interface Known {
  readonly service: string;
  readonly team: string;
  readonly state: InstanceState;
  /** Status by check. */
  readonly checks: Readonly<Record<string, string>>;
  /** When its state changed last, in ms; 0 where it was not seen to. */
  readonly changed: number;
}

/** The same of all instances, by id. */
export type Baseline = ReadonlyMap<string, Known>;

/**
 * A change of a check, or, where `check` is null, of an instance's state. `from` is null for what was not known before, `to`
 * for what is no longer there.
 */
export interface Change {
  readonly time: string;
  readonly service: string;
  readonly team: string;
  readonly id: string;
  readonly check: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly output: string;
}

/** What the history may have of a check's output. */
const MOST_BYTES = 500;

/** What has changed. Pure. */
export function changesTo(before: Baseline, view: View, now: number): readonly Change[] {
  const time = new Date(now).toISOString();
  const there = new Set(view.instances.map(({ id }) => id));
  const changes = view.instances.flatMap(({ service, team, id, state, why, checks }): readonly Change[] => {
    const known = before.get(id);
    const common = { time, service, team, id };
    const from = known?.state ?? null;
    const ofChecks = checks.filter(({ check, status }) => known?.checks[check] !== status);
    const lost = Object.entries(known?.checks ?? {}).filter(([name]) => !checks.some(({ check }) => check === name));
    return [
      ...(from === state ? [] : [{ ...common, check: null, from, to: state, output: shown(why) }]),
      ...ofChecks.map(({ check, status, output }) => ({
        ...common,
        ...{ check, from: known?.checks[check] ?? null, to: status, output: shown(output) },
      })),
      ...lost.map(([check, from]) => ({ ...common, check, from, to: null, output: "" })),
    ];
  });
  const gone = [...before].filter(([id]) => !there.has(id));
  return [
    ...changes,
    ...gone.map(([id, { service, team, state }]) => ({
      ...{ time, service, team, id, check: null, from: state, to: null, output: "" },
    })),
  ];
}

/** What is known after changes that were written down. Pure. */
export function replayed(baseline: Baseline, changes: readonly Change[]): Baseline {
  const next = new Map(baseline);
  for (const { id, service, team, check, from, to, time } of changes) {
    const known = next.get(id);
    if (check === null && to === null) next.delete(id);
    else if (check === null && isState(to)) {
      const changed = from === null ? 0 : Date.parse(time);
      next.set(id, { service, team, checks: known?.checks ?? {}, state: to, changed });
    } else if (check !== null && known !== undefined) {
      const { [check]: _, ...others } = known.checks;
      next.set(id, { ...known, checks: to === null ? others : { ...others, [check]: to } });
    }
  }
  return next;
}

/** What is known after a view, whose changes have been written down. Pure. */
export function baselineOf(before: Baseline, view: View, now: number): Baseline {
  return new Map(
    view.instances.map(({ id, service, team, state, checks }) => {
      const known = before.get(id);
      const changed = known === undefined ? 0 : known.state === state ? known.changed : now;
      const statuses = Object.fromEntries(checks.map(({ check, status }) => [check, status]));
      return [id, { service, team, state, checks: statuses, changed }];
    }),
  );
}

const STATES: readonly string[] = INSTANCE_STATES;

function isState(text: string | null): text is InstanceState {
  return text !== null && STATES.includes(text);
}

/** A check's output without a secret, cut at 500 bytes and never within a character. Pure. */
export function shown(output: string): string {
  const text = output.trim();
  if (isSecretText(text) || isSecretBody(text) || secretInWords(text)) return NOT_SHOWN;
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return text;
  let end = MOST_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString("utf8");
}

/** An address within a sentence, as Consul writes it: `HTTP GET http://x/?token=…: 200 OK`. */
function secretInWords(text: string): boolean {
  return [...text.matchAll(/https?:\/\/[^\s"'<>]+/gi)].some(([url]) => isSecretText(url));
}
