import { Document, isMap, isPair, isScalar, type YAMLMap } from "yaml";
import { cut, oneLine } from "../../printable.js";
import { laterOnes } from "../collisions.js";
import { teamName } from "../fields.js";
import { MAX_BYTES } from "../read-catalog.js";
import { readTeamFile, type TeamFile } from "../team-file.js";
import { withDefaults } from "./defaults.js";
import { type Entry, entryOf } from "./entry.js";
import { isCritical, type Registration } from "./registration.js";

/** A file of the catalog. */
export interface ImportedFile {
  readonly name: string;
  readonly text: string;
  readonly services: number;
  /** What a person has to answer, each with its service; it stands in the file as a comment too. */
  readonly notes: readonly string[];
  /** What could not be written down, each with why; it stands in the file as a comment too. */
  readonly left: readonly string[];
}

/** For services whose meta has no team that the catalog would take. */
const NO_TEAM = "imported";

/**
 * The files of a catalog that declares what Consul holds: a file a team by `meta.team`. Together they are a catalog
 * without a mistake. What a catalog cannot say, and what Consul does not tell, stands there as a comment. Pure.
 */
export function importedFiles(registrations: readonly Registration[]): readonly ImportedFile[] {
  const [own, left] = apartFromTwins(registrations);
  for (;;) {
    const files = filesOf(own, left);
    const clashes = clashesIn(files.map(({ name, text }) => readTeamFile(name, text)));
    const clashing = [...own].filter(({ name, id }) => clashes.has(id) || clashes.has(`service ${name}`));
    if (clashing.length === 0) return files;
    for (const each of clashing) {
      own.delete(each);
      left.push([each, clashes.get(each.id) ?? clashes.get(`service ${each.name}`) ?? ""]);
    }
  }
}

type Left = (readonly [Registration, string])[];

/** Of several under one id, which a catalog has once, the one that passes and that something checks is kept. */
function apartFromTwins(registrations: readonly Registration[]): readonly [Set<Registration>, Left] {
  const isChecked = ({ checks }: Registration) => checks.some(({ type, ofNode }) => ofNode === "" && type !== "ttl");
  const rank = (each: Registration) => Number(isCritical(each)) * 2 + Number(!isChecked(each));
  const key = ({ name, id }: Registration) => JSON.stringify([name, id]);
  const order = (a: Registration, b: Registration) =>
    key(a) === key(b) ? rank(a) - rank(b) : key(a) < key(b) ? -1 : 1;
  const kept = new Map<string, Registration>();
  const left: Left = [];
  for (const each of [...registrations].sort(order)) {
    const where = `at ${each.address}:${each.port}`;
    if (kept.has(each.id)) left.push([each, `the id ${each.id} is registered on another node too, ${where}`]);
    else kept.set(each.id, each);
  }
  return [new Set(kept.values()), left];
}

/** By an instance's id, or by `service NAME`, what stands against it beside the others. */
function clashesIn(files: readonly TeamFile[]): ReadonlyMap<string, string> {
  const services = files.flatMap((file) => file.services);
  const names = files.flatMap((file) => file.names);
  const isAt =
    (file: string, line: number) => (one: { readonly at: { readonly file: string; readonly line: number } }) =>
      one.at.file === file && one.at.line === line;
  return new Map(
    laterOnes(files).map(({ file, line, message }) => {
      const service = services.find(isAt(file, line))?.what;
      const name = service?.name ?? names.find(isAt(file, line))?.what ?? "";
      // A line says nothing to whoever reads this before the file.
      const why = message.replace(/(\S+\.yaml):(\d+)/g, (place, of: string, at: string) => {
        const other = services.find(isAt(of, Number(at)))?.what;
        return other?.id ?? names.find(isAt(of, Number(at)))?.what ?? place;
      });
      return [service === undefined || service.id === name ? `service ${name}` : service.id, why];
    }),
  );
}

function filesOf(own: ReadonlySet<Registration>, left: Left): readonly ImportedFile[] {
  const byName = new Map<string, Registration[]>();
  for (const each of own) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const teams = new Map<string, Map<string, Entry>>();
  const lost = new Map<string, string[]>();
  for (const [name, instances] of byName) {
    const { team, notes } = teamOf(instances);
    const entry = entryOf(instances);
    teams.set(team, (teams.get(team) ?? new Map()).set(name, { ...entry, notes: [...notes, ...entry.notes] }));
  }
  for (const [each, why] of left) {
    const { team } = teamOf(byName.get(each.name) ?? [each]);
    lost.set(team, [...(lost.get(team) ?? []), `${each.name}: ${why}`]);
  }
  return [...new Set([...teams.keys(), ...lost.keys()])]
    .sort()
    .map((team) => fileOf(team, teams.get(team) ?? new Map(), lost.get(team) ?? []));
}

/** The team that most instances name: a service has one. */
function teamOf(instances: readonly Registration[]): { readonly team: string; readonly notes: readonly string[] } {
  const named = instances.map(({ meta }) => meta.team ?? "");
  const valid = named.filter((team) => teamName.safeParse(team).success);
  const count = (team: string) => valid.filter((each) => each === team).length;
  const team = [...new Set(valid)].sort((a, b) => count(b) - count(a))[0] ?? NO_TEAM;
  const others = [...new Set(named)].filter((each) => each !== team && (each !== "" || valid.length > 0));
  const notes = others.map((each) => `its meta.team ${JSON.stringify(cut(each, 80))} becomes ${team}`);
  return { team, notes };
}

function fileOf(team: string, entries: ReadonlyMap<string, Entry>, lost: readonly string[]): ImportedFile {
  const left = lost.map(line);
  const notes: (readonly [string, readonly string[]])[] = [];
  const services = [...entries].flatMap(([name, entry]) => {
    left.push(...entry.left.map(line));
    if (entry.value === undefined) return [];
    // Judged by the catalog itself: what it would refuse is left out with its words.
    const { problems } = readTeamFile("", String(new Document({ team, services: { [name]: entry.value } })));
    const [problem] = problems;
    if (problem !== undefined) {
      left.push(line(`${name}: ${problem.message}; ${problem.remedy}`));
      return [];
    }
    notes.push([name, entry.notes.map(line)]);
    return [[name, entry.value] as const];
  });
  const { defaults, services: shorter } = withDefaults({ team, services: Object.fromEntries(services) });
  const document = new Document({ team, ...(defaults === undefined ? {} : { defaults }), services: shorter });
  const map = document.get("services");
  if (isMap(map)) for (const [name, own] of notes) comment(map, name, own);
  const head = [...HEAD, ...left.map((why) => `Left out: ${why}`)];
  document.commentBefore = head.map((line) => ` ${line}`).join("\n");
  const text =
    services.length === 0 ? `${head.map((line) => `# ${line}`).join("\n")}\n` : document.toString({ lineWidth: 0 });
  const told = notes.flatMap(([name, own]) => own.map((note) => `${name}: ${note}`));
  const tooLarge =
    Buffer.byteLength(text) > MAX_BYTES ? ["the file is larger than a catalog takes: divide the team"] : [];
  // A file of comments alone is no catalog's.
  const name = services.length === 0 ? `${team}.left-out.txt` : `${team}.yaml`;
  return { name, text, services: services.length, notes: [...told, ...tooLarge], left };
}

const HEAD = [
  "What a running Consul held; docs/migration.md says how to go on. Of no check Consul tells headers, body, certificates",
  "and thresholds, and of no service after what time it is dropped: add them where there were any. Nor does it tell whether a",
  "check follows redirects, as Consul's do by themselves: here none does, and a redirect is critical without redirects: true.",
];

/** Writes notes before a service's line. */
function comment(services: YAMLMap, name: string, notes: readonly string[]): void {
  const pair = services.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === name);
  if (notes.length > 0 && pair !== undefined && isScalar(pair.key))
    pair.key.commentBefore = notes.map((note) => ` ${note}`).join("\n");
}

function line(text: string): string {
  return oneLine(text, 400);
}
