import { hostPort } from "../host-port.js";
import type { CheckEntry } from "./imported-check.js";
import { isCritical, type Registration } from "./registration.js";

/** An instance, with what is known of its checks. */
export interface Examined {
  readonly registration: Registration;
  /** As a message names it. */
  readonly name: string;
  readonly checks: readonly CheckEntry[];
  readonly notes: readonly string[];
}

/** The instances of a service under one set of checks, which is all that a catalog can say. */
export interface Together {
  readonly kept: readonly Examined[];
  readonly checks: readonly CheckEntry[];
  readonly notes: readonly string[];
  readonly left: readonly string[];
}

/** The most checks that a service of a catalog can have. */
const MOST_CHECKS = 17;

/**
 * Instances that are asked the same way share their checks. Of others the critical ones are left out where some pass; each
 * of the rest is checked at all addresses, so that none is healthier than it was.
 */
export function together(instances: readonly Examined[]): Together {
  const [first] = instances;
  if (first === undefined) return { kept: [], checks: [], notes: [], left: [] };
  if (instances.every((each) => asks(each) === asks(first))) {
    const times = new Set(instances.map(({ checks }) => JSON.stringify(checks)));
    const notes =
      times.size === 1
        ? []
        : [`its instances are checked at different times; those of ${first.registration.id} are written`];
    return { kept: instances, checks: first.checks, notes, left: [] };
  }
  const passing = instances.filter(({ registration }) => !isCritical(registration));
  if (passing.length > 0 && passing.length < instances.length) {
    const critical = instances.filter((each) => !passing.includes(each));
    const rest = together(passing);
    const why = "it is critical, and checked otherwise than the other instances, which a catalog cannot say";
    return { ...rest, left: [...critical.map((each) => `${each.name}: ${why}: ${inWords(each)}`), ...rest.left] };
  }
  const all = [...new Map(instances.flatMap(absolute).map((check) => [JSON.stringify(check), check])).values()];
  if (
    all.length <= MOST_CHECKS &&
    all.every(({ kind }) => kind === "http") &&
    instances.every(({ checks }) => checks.length > 0)
  )
    return {
      kept: instances,
      checks: all,
      notes: [
        "its instances are checked at different addresses: each is checked at all of them here, and critical where one is",
      ],
      left: [],
    };
  return largestGroup(instances);
}

/** Where their checks cannot stand side by side: as many as are asked the same way, and the others are left out. */
function largestGroup(instances: readonly Examined[]): Together {
  const byQuestion = new Map<string, Examined[]>();
  for (const each of instances) byQuestion.set(asks(each), [...(byQuestion.get(asks(each)) ?? []), each]);
  const isChecked = ([first]: readonly Examined[]) => Number((first?.checks.length ?? 0) > 0);
  const groups = [...byQuestion.values()].sort((a, b) => b.length - a.length || isChecked(b) - isChecked(a));
  const [kept = [], ...others] = groups;
  const rest = together(kept);
  const why = "it is checked otherwise than the other instances, which a catalog cannot say";
  return { ...rest, left: [...others.flat().map((each) => `${each.name}: ${why}: ${inWords(each)}`), ...rest.left] };
}

/** What an instance is asked, at whatever times. */
function asks({ checks }: Examined): string {
  return JSON.stringify(checks.map(({ interval: _, timeout: __, ...rest }) => rest));
}

/** Its checks as they would be for an instance that stands elsewhere. */
function absolute({ checks, registration }: Examined): readonly CheckEntry[] {
  return checks.map(({ path, port, tls, ...rest }) =>
    path === undefined
      ? { ...rest, ...(port === undefined ? {} : { port }) }
      : { ...rest, url: `${tls === true ? "https" : "http"}://${hostPort(placeOf(registration, port))}${path}` },
  );
}

/** Where a check of an instance asks, which may have a port of its own. */
function placeOf({ address, port }: Registration, own: unknown) {
  return { address, port: typeof own === "number" ? own : port };
}

function inWords(each: Examined): string {
  const told = absolute(each).map(({ kind, url }) => (url === undefined ? `${kind}` : `${kind} ${url}`));
  return told.length === 0 ? "by nothing that is known" : told.join(", ");
}
