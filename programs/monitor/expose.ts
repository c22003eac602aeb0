import type { Monitored } from "../../lib/catalog/monitored.js";
import { type Labels, labelsOf } from "../../lib/monitoring/catalog-facts.js";
import { CHECK_STATE, INSTANCE_STATES, METRICS, type Metric } from "../../lib/monitoring/metrics.js";
import type { Baseline } from "./changes.js";
import type { Outside } from "./outside.js";
import { type InstanceView, isInSync, type View } from "./states.js";

/** What there is to tell at one moment. */
export interface Known {
  /** Whether a server answered last. */
  readonly isReachable: boolean;
  /** Whether what is known is too old: then nothing is said of services but that it is not known. */
  readonly isBlind: boolean;
  /** The last one; undefined before the first. */
  readonly view: View | undefined;
  /** What was known last of each instance, also by an earlier run. */
  readonly baseline: Baseline;
  /** Changes of state since the start, by service. */
  readonly changes: ReadonlyMap<string, number>;
  /** Services that cannot be found, with the Unix time since when; undefined where that was not seen. */
  readonly notFound: ReadonlyMap<string, number | undefined>;
  readonly dataAgeSeconds: number;
  readonly lastContactSeconds: number;
  /** Unix time in seconds; undefined where none was seen. */
  readonly catalogChanged: number | undefined;
  readonly outside: Outside;
  readonly lastSeq: number;
  /** When Alertmanager last said that it tells anybody anything, Unix time; undefined where it never did. */
  readonly alertingHeard: number | undefined;
  readonly node: string;
  /** What the catalog says of services besides. */
  readonly services: Readonly<Record<string, Monitored>>;
  readonly residentBytes: number;
}

interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}
type Samples = readonly Sample[];

/** In Prometheus' text format, version 0.0.4. Pure. */
export function exposition(known: Known): string {
  const { view, isReachable, isBlind, outside } = known;
  const seen = isBlind ? undefined : view;
  const one = (value: number | undefined): Samples => (value === undefined ? [] : [{ value }]);
  const samples: Readonly<Partial<Record<keyof typeof METRICS, Samples>>> = {
    ...ofServices(known, seen),
    agentUp: seen === undefined ? [] : [{ labels: { node: known.node }, value: Number(seen.isAgentUp) }],
    consulReachable: one(Number(isReachable)),
    consulLeader: outside.leaders.map(({ server, leads }) => ({ labels: { server }, value: Number(leads) })),
    consulLastContact: one(isReachable ? known.lastContactSeconds : undefined),
    dataAge: one(known.dataAgeSeconds),
    catalogDeclared: one(view?.declared),
    catalogRegistered: one(seen?.registered),
    catalogExtra: one(seen?.extra),
    catalogRefused: one(view?.refused),
    catalogInSync: one(seen === undefined ? undefined : Number(isInSync(seen))),
    catalogLastChange: one(known.catalogChanged),
    certificateNotAfter: outside.certificates.map(({ part, notAfter }) => ({ labels: { part }, value: notAfter })),
    gatewayUp: one(outside.gateway === undefined ? undefined : Number(outside.gateway.seconds !== undefined)),
    gatewayProbeSeconds: one(outside.gateway?.seconds),
    hostCpu: one(outside.host?.cpu),
    hostMemory: one(outside.host?.memory),
    hostDisk: one(outside.host?.disk),
    hostDiskFree: one(outside.host?.diskFreeBytes),
    backupLastSuccess: one(outside.backup?.lastSuccess),
    backupInterval: one(outside.backup?.interval),
    historyLastSeq: one(known.lastSeq),
    alertingLastHeard: one(known.alertingHeard),
    residentMemory: one(known.residentBytes),
  };
  const metrics: Readonly<Record<string, Metric>> = METRICS;
  return Object.entries(samples)
    .map(([key, own]) => rendered(metrics[key], own))
    .join("");
}

function ofServices({ baseline, changes, notFound, services: said }: Known, seen: View | undefined) {
  const rows = seen?.instances ?? [...baseline].map(([id, known]) => unknownOf(id, known));
  const services = new Map<string, InstanceView[]>();
  for (const row of rows) services.set(row.service, [...(services.get(row.service) ?? []), row]);
  const each = [...services].map(([service, own]) => ({ service, own, label: { service, team: own[0]?.team ?? "" } }));
  const changed = ({ id }: InstanceView) => baseline.get(id)?.changed ?? 0;
  return {
    serviceUp:
      seen === undefined
        ? []
        : each.map(({ service, label }) => ({ labels: label, value: Number(seen.handedOut.has(service)) })),
    serviceNotFoundSince: each.flatMap(({ service, label }) => {
      const since = seen === undefined ? undefined : notFound.get(service);
      return since === undefined ? [] : [{ labels: label, value: since }];
    }),
    serviceInstances: each.flatMap(({ own, label }) =>
      INSTANCE_STATES.map((state) => ({
        labels: { ...label, state },
        value: own.filter((one) => one.state === state).length,
      })),
    ),
    serviceChanges: each.map(({ service, label }) => ({ labels: label, value: changes.get(service) ?? 0 })),
    serviceLastChange: each
      .map(({ own, label }) => ({ labels: label, value: Math.max(...own.map(changed)) / 1000 }))
      .filter(({ value }) => value > 0),
    checkState: rows.flatMap(({ service, team, id, state, checks }) =>
      state === "unknown"
        ? []
        : checks.map(({ check, status }) => ({ labels: { service, team, id, check }, value: stateValue(status) })),
    ),
    serviceInfo:
      seen === undefined
        ? []
        : each.map(({ service, own, label }) => ({
            labels: { ...label, ...infoOf(own), ...labelsOf(said[service] ?? {}) },
            value: 1,
          })),
  };
}

function unknownOf(id: string, { service, team }: { readonly service: string; readonly team: string }): InstanceView {
  return { service, team, id, address: "", kinds: [], state: "unknown", why: "", checks: [] };
}

function infoOf(own: readonly InstanceView[]): Labels {
  const joined = (texts: readonly string[]) => [...new Set(texts)].filter((text) => text !== "").join(",");
  return { address: joined(own.map(({ address }) => address)), kind: joined(own.flatMap(({ kinds }) => kinds).sort()) };
}

function stateValue(status: string): number {
  return status === "passing" || status === "warning" ? CHECK_STATE[status] : CHECK_STATE.critical;
}

function rendered(metric: Metric | undefined, samples: Samples): string {
  if (metric === undefined || samples.length === 0) return "";
  const { name, type, help } = metric;
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelled(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelled(labels: Labels): string {
  let pairs = "";
  for (const [name, value] of Object.entries(labels)) pairs += `${pairs === "" ? "{" : ","}${name}="${escaped(value)}"`;
  return pairs === "" ? "" : `${pairs}}`;
}

/** As the format wants it. */
function escaped(value: string): string {
  // Most have nothing to escape, and there are many of them.
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
