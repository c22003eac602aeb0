import { isDeepStrictEqual } from "node:util";
import { type Declared, type Definition, NOTHING } from "./declared.js";
import { kvSubkey } from "./definition.js";
import { differences, everything, keyed, placeOf, shown } from "./words.js";

/** What happened to one service between two catalogs. */
export interface Change {
  /** Its name; with its id behind a slash where it is one of several instances. */
  readonly service: string;
  /** "" where it is not known. */
  readonly team: string;
  readonly kind: "added" | "changed" | "removed";
  /** What differs, field by field, in the platform's words: `port 8216 → 8217`; all that it is where it is added. */
  readonly words: readonly string[];
}

const ORDER = ["removed", "changed", "added"] as const;

/** Every difference between two catalogs, `inChangeOrder`; [] where nothing differs. Pure. */
export function changesBetween(before: Partial<Declared>, after: Partial<Declared>): readonly Change[] {
  const [was, is] = [
    { ...NOTHING, ...before },
    { ...NOTHING, ...after },
  ];
  return inChangeOrder(
    merged([...ofDefinitions(was, is), ...ofDynamic(was, is), ...ofFailover(was, is), ...ofMonitored(was, is)]),
  );
}

/** What is removed first and what is added last, each by the services' names. */
export function inChangeOrder(changes: readonly Change[]): readonly Change[] {
  const rank = ({ kind, service }: Change) => `${ORDER.indexOf(kind)} ${service}`;
  return [...changes].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function ofDefinitions(before: Declared, after: Declared): readonly Change[] {
  const old = byKey(before);
  const now = byKey(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((service): readonly Change[] => {
    const [was, is] = [old.get(service), now.get(service)];
    const team = (is ?? was)?.meta.team ?? "";
    if (is === undefined) return was === undefined ? [] : [{ service, team, kind: "removed", words: [placeOf(was)] }];
    if (was === undefined) {
      const ofService = [...failoverWords(after, is.name), ...monitoredWords(after, is.name)];
      const words = [...everything(is, after.reasons.get(is.id)), ...ofService];
      return [{ service, team, kind: "added", words }];
    }
    const words = differences(was, is);
    return words.length === 0 ? [] : [{ service, team, kind: "changed", words }];
  });
}

function byKey({ definitions }: Declared): ReadonlyMap<string, Definition> {
  return new Map(definitions.map((each) => [kvSubkey(each), each]));
}

const ITSELF = "its instances register themselves";

function ofDynamic(before: Declared, after: Declared): readonly Change[] {
  const old = new Map(before.dynamic.map((each) => [each.name, each]));
  const now = new Map(after.dynamic.map((each) => [each.name, each]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((service): readonly Change[] => {
    const [was, is] = [old.get(service), now.get(service)];
    const team = (is ?? was)?.team ?? "";
    if (is === undefined) return [{ service, team, kind: "removed", words: [ITSELF] }];
    if (was === undefined)
      return [
        {
          service,
          team,
          kind: "added",
          words: [ITSELF, ...failoverWords(after, service), ...monitoredWords(after, service)],
        },
      ];
    // Of what was applied nobody knows the team.
    if (was.team === "" || is.team === "" || was.team === is.team) return [];
    return [{ service, team, kind: "changed", words: [`team ${shown(was.team)} → ${shown(is.team)}`] }];
  });
}

function failoverWords({ failover }: Declared, name: string): readonly string[] {
  const datacenters = failover.get(name);
  return datacenters === undefined ? [] : [`failover ${inOrder(datacenters)}`];
}

function monitoredWords({ monitored }: Declared, name: string): readonly string[] {
  return keyed("", {}, { ...monitored?.get(name) }).map((word) => word.slice(1));
}

function inOrder(datacenters: readonly string[] = []): string {
  return datacenters.length === 0 ? "none" : datacenters.map(shown).join(", ");
}

/** Failover belongs to a service, not an instance, so it is reported once; for an added or removed service, with it. */
function ofFailover(before: Declared, after: Declared): readonly Change[] {
  const [old, now] = [teams(before), teams(after)];
  return [...now].flatMap(([service, team]): readonly Change[] => {
    const [was, is] = [before.failover.get(service), after.failover.get(service)];
    if (!old.has(service) || isDeepStrictEqual(was, is)) return [];
    return [{ service, team, kind: "changed", words: [`failover ${inOrder(was)} → ${inOrder(is)}`] }];
  });
}

/** As failover, of a service and not of an instance. */
function ofMonitored(before: Declared, after: Declared): readonly Change[] {
  const [old, now] = [before.monitored, after.monitored];
  if (old === undefined || now === undefined) return [];
  const known = teams(before);
  return [...teams(after)].flatMap(([service, team]): readonly Change[] => {
    const words = keyed("", { ...old.get(service) }, { ...now.get(service) });
    return words.length === 0 || !known.has(service) ? [] : [{ service, team, kind: "changed", words }];
  });
}

/** Every service by its name, with its team. */
function teams({ definitions, dynamic }: Declared): ReadonlyMap<string, string> {
  return new Map([
    ...definitions.map(({ name, meta }) => [name, meta.team ?? ""] as const),
    ...dynamic.map(({ name, team }) => [name, team] as const),
  ]);
}

/** One change a service and kind. */
function merged(changes: readonly Change[]): readonly Change[] {
  const all = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.kind} ${change.service}`;
    const words = [...(all.get(key)?.words ?? []), ...change.words];
    all.set(key, { ...change, words });
  }
  return [...all.values()];
}

/** The longest change that stands on one line. */
const LONGEST_LINE = 120;

/** One change: `billing_service: port 8216 → 8217; check interval 10s → 5s`; what is longer has a line a difference. */
export function sentence({ service, team, kind, words }: Change): string {
  const owner = team === "" ? "" : ` of ${team}`;
  const name = kind === "changed" ? service : `${kind === "added" ? "+" : "-"} ${service}${owner} ${kind}`;
  const line = kind === "changed" ? `${name}: ${words.join("; ")}` : `${name}, ${words.join("; ")}`;
  if (line.length <= LONGEST_LINE) return line;
  const [place = "", ...rest] = words;
  const head = kind === "changed" ? `${name}:` : `${name}, ${place}`;
  return [head, ...(kind === "changed" ? words : rest).map((each) => `    ${each}`)].join("\n");
}
