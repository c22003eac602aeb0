import { Document, isMap, isPair, isScalar, type YAMLMap } from "yaml";
import { hostPort } from "./checks/common";
import { seconds } from "./fields";
import { readTeamFile } from "./team-file";

/** One registered instance, as Consul's health API gives it. */
export interface Registration {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly weights: { readonly passing: number; readonly warning: number };
  readonly checks: readonly RegisteredCheck[];
}

/** A check as Consul's health API gives it: it tells the kind and the times, and the target only in what it printed. */
export interface RegisteredCheck {
  /** `http`, `tcp`, `grpc`, `ttl`, …; "" where it came through the catalog. */
  readonly type: string;
  readonly interval: string;
  readonly timeout: string;
  readonly output: string;
}

/** A file of the catalog. */
export interface ImportedFile {
  readonly name: string;
  readonly text: string;
  readonly services: number;
  /** What could not be written down, each with why; it stands in the file as a comment too. */
  readonly left: readonly string[];
}

/** For services whose meta has no team that the catalog would take. */
const NO_TEAM = "imported";

/**
 * The files of a catalog that declares what Consul holds: a file a team by `meta.team`. What a catalog cannot say, and
 * what Consul does not tell, stands there as a comment. Pure.
 */
export function importedFiles(registrations: readonly Registration[]): readonly ImportedFile[] {
  const teams = new Map<string, Registration[]>();
  const ids = new Map<string, Registration>();
  const twins: Registration[] = [];
  for (const each of [...registrations].sort(byNameThenCheck)) {
    if (ids.has(each.id)) twins.push(each);
    else teams.set(teamOf(each), [...(teams.get(teamOf(each)) ?? []), each]);
    ids.set(each.id, each);
  }
  return [...teams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([team, own]) => fileOf(team, own, twins.filter((each) => teamOf(each) === team).map(twin)));
}

/** Of two under one id the one comes first that something checks. */
function byNameThenCheck(a: Registration, b: Registration): number {
  if (a.name + a.id !== b.name + b.id) return a.name + a.id < b.name + b.id ? -1 : 1;
  const isChecked = ({ checks }: Registration) => checks.some(({ type }) => type !== "ttl");
  return Number(isChecked(b)) - Number(isChecked(a));
}

function twin({ name, id, address, port }: Registration): string {
  return `${name}: the id ${id} is registered on another node too, at ${address}:${port}`;
}

function teamOf({ meta }: Registration): string {
  const { team = "" } = meta;
  return /^[a-z][a-z0-9-]{0,62}$/.test(team) ? team : NO_TEAM;
}

function fileOf(team: string, registrations: readonly Registration[], twins: readonly string[]): ImportedFile {
  const names = [...new Set(registrations.map(({ name }) => name))];
  const left = twins.map(oneLine);
  const services = names.flatMap((name) => {
    const entry = entryOf(registrations.filter((each) => each.name === name));
    // Judged by the catalog itself: what it would refuse is left out with its words.
    const { problems } = readTeamFile("", String(new Document({ team, services: { [name]: entry.value } })));
    const [problem] = problems;
    if (problem !== undefined) left.push(oneLine(`${name}: ${problem.message}; ${problem.remedy}`));
    return problem === undefined ? [[name, entry] as const] : [];
  });
  const document = new Document({
    team,
    services: Object.fromEntries(services.map(([name, { value }]) => [name, value])),
  });
  const map = document.get("services");
  if (isMap(map)) for (const [name, { notes }] of services) comment(map, name, notes);
  const head = [
    "What a running Consul held; docs/migration.md says how to go on.",
    ...left.map((why) => `Left out: ${why}`),
  ];
  document.commentBefore = head.map((line) => ` ${line}`).join("\n");
  const text =
    services.length === 0 ? `${head.map((line) => `# ${line}`).join("\n")}\n` : document.toString({ lineWidth: 0 });
  return { name: `${team}.yaml`, text, services: services.length, left };
}

/** Writes notes before a service's line. */
function comment(services: YAMLMap, name: string, notes: readonly string[]): void {
  const pair = services.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name);
  if (notes.length > 0 && pair !== undefined && isScalar(pair.key))
    pair.key.commentBefore = notes.map((note) => ` ${oneLine(note)}`).join("\n");
}

interface Entry {
  readonly value: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** A service as a catalog file says it. The checks of its first instance stand for all of them. */
function entryOf(instances: readonly Registration[]): Entry {
  const [first] = instances;
  if (first === undefined) return { value: {}, notes: [] };
  const { checks, notes } = checksOf(first);
  if (instances.length === 1 && first.id === first.name) return { value: { ...placeOf(first), ...checks }, notes };
  const own = instances.map((each) => ({ id: each.id, ...placeOf(each) }));
  return { value: { ...checks, instances: own }, notes };
}

function placeOf(registration: Registration) {
  const { address, port, tags, meta, weights } = registration;
  const { team: _, ...rest } = meta;
  return {
    address,
    port,
    ...(weights.passing === 1 && weights.warning === 1 ? {} : { weights }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(Object.keys(rest).length === 0 ? {} : { meta: rest }),
  };
}

function checksOf(registration: Registration) {
  const made = registration.checks.map((check) => checkOf(check, registration));
  const known = made.flatMap(({ check }) => check ?? []);
  const notes = made.flatMap(({ note }) => note ?? []);
  const [first, ...further] = known;
  if (first === undefined) {
    const reason = `imported, and ${notes[0] ?? "Consul had no check of it"}`;
    return { checks: { check: { kind: "none", reason } }, notes };
  }
  const named = further.map((check, index) => [`${check.kind}-${index + 2}`, check] as const);
  return { checks: { check: first, ...(named.length === 0 ? {} : { checks: Object.fromEntries(named) }) }, notes };
}

interface Known {
  readonly check?: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly note?: string;
}

function checkOf({ type, interval, timeout, output }: RegisteredCheck, { address, port }: Registration): Known {
  // Consul's default, and never longer than the interval.
  const times = { interval, timeout: timeout === "" ? (seconds(interval) < 10 ? interval : "10s") : timeout };
  if (type === "tcp") return { check: { kind: "tcp", ...times } };
  if (type === "grpc")
    return { check: { kind: "grpc", ...times }, note: "whether its gRPC check uses TLS is not told" };
  if (type === "http") {
    const [, method, url] = /^HTTP ([A-Z]+) (\S+): /.exec(output) ?? [];
    if (method === undefined || url === undefined)
      return { note: `its HTTP check every ${interval} has not told yet what it asks` };
    const own = `http://${hostPort({ address, port })}/`;
    const target = url.startsWith(own) ? { path: `/${url.slice(own.length)}` } : { url };
    return { check: { kind: "http", ...target, ...(method === "GET" ? {} : { method }), ...times } };
  }
  if (type === "ttl") return { note: "it sent a TTL heartbeat, of which Consul does not tell the time" };
  return { note: `Consul does not tell how its ${type === "" ? "" : `${type} `}check is made` };
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").slice(0, 300);
}
