import { isDeepStrictEqual } from "node:util";
import { Document } from "yaml";
import { filledFor, NAME, shortName } from "../../../discovery/src/shared/placeholders.js";
import { isMapping } from "../explain.js";
import { readTeamFile } from "../team-file.js";

/** A service as a file has it, by its name. */
export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A file of the catalog, as its YAML is made from it. */
export interface TeamContent {
  readonly team: string;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly services: Services;
}

/**
 * The same team with what is the same in all its services once, in `defaults`: the address, the tags, the meta, and the
 * check that most have. Each is done only where the file then declares the very same services.
 */
export function withDefaults(content: TeamContent): TeamContent {
  if (Object.keys(content.services).length < 2) return content;
  let best = content;
  for (const hoist of [commonAddress, commonTags, commonMeta, commonCheck]) {
    const hoisted = hoist(best.services);
    if (hoisted === undefined) continue;
    const defaults = { ...best.defaults, ...hoisted.defaults };
    const shorter = { ...best, defaults, services: hoisted.services };
    if (isDeepStrictEqual(declared(shorter), declared(best))) best = shorter;
  }
  return best;
}

/** What a file declares; mistakes make it unlike any other. */
function declared({ team, defaults, services }: TeamContent) {
  const content = { team, ...(defaults === undefined ? {} : { defaults }), services };
  const read = readTeamFile("", String(new Document(content)));
  return read.problems.length > 0 ? Symbol("no catalog") : read.services.map(({ what }) => what);
}

type Hoisted = { readonly defaults: Readonly<Record<string, unknown>>; readonly services: Services } | undefined;

function mapped(services: Services, change: (entry: Services[string], name: string) => Services[string]): Services {
  return Object.fromEntries(Object.entries(services).map(([name, entry]) => [name, change(entry, name)]));
}

function without(entry: Services[string], field: string): Services[string] {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== field));
}

/** One address for all, or a pattern such as `isa-{name}`. */
function commonAddress(services: Services): Hoisted {
  const entries = Object.entries(services);
  const [[name = "", first = {}] = []] = entries;
  const { address } = first;
  if (typeof address !== "string") return undefined;
  const patterns = [address, address.replace(shortName(name), NAME)];
  const pattern = patterns.find((each) =>
    entries.every(([other, entry]) => entry.address === filledFor({ name: other, id: other }, each)),
  );
  return pattern === undefined
    ? undefined
    : { defaults: { address: pattern }, services: mapped(services, (entry) => without(entry, "address")) };
}

/** The tags with which all of them begin: a team's tags stand before a service's own. */
function commonTags(services: Services): Hoisted {
  const all = Object.values(services).map(({ tags }) => (Array.isArray(tags) ? tags.map(String) : []));
  const [first = []] = all;
  const differs = first.findIndex((tag, index) => !all.every((tags) => tags[index] === tag));
  const common = differs === -1 ? first : first.slice(0, differs);
  if (common.length === 0) return undefined;
  const rest = (entry: Services[string]) => {
    const own = Array.isArray(entry.tags) ? entry.tags.slice(common.length) : [];
    return own.length === 0 ? without(entry, "tags") : { ...entry, tags: own };
  };
  return { defaults: { tags: common }, services: mapped(services, rest) };
}

function commonMeta(services: Services): Hoisted {
  const all = Object.values(services).map(({ meta }) => (isMapping(meta) ? meta : {}));
  const [first = {}] = all;
  const common = Object.fromEntries(
    Object.entries(first).filter(([key, value]) => all.every((meta) => meta[key] === value)),
  );
  if (Object.keys(common).length === 0) return undefined;
  const rest = (entry: Services[string]) => {
    const own = Object.entries(isMapping(entry.meta) ? entry.meta : {}).filter(([key]) => !Object.hasOwn(common, key));
    return own.length === 0 ? without(entry, "meta") : { ...entry, meta: Object.fromEntries(own) };
  };
  return { defaults: { meta: common }, services: mapped(services, rest) };
}

/** The check that most of them have, where that is half or more. A check that is none is answered service by service. */
function commonCheck(services: Services): Hoisted {
  const counts = new Map<string, number>();
  const made = Object.values(services).flatMap(({ check }) =>
    isMapping(check) && check.kind !== "none" ? [check] : [],
  );
  for (const check of made) counts.set(JSON.stringify(check), (counts.get(JSON.stringify(check)) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (most === undefined || most[1] < 2 || most[1] * 2 < Object.keys(services).length) return undefined;
  const common: unknown = JSON.parse(most[0]);
  const rest = (entry: Services[string]) => {
    if (!isMapping(entry.check) || !isMapping(common)) return entry;
    if (isDeepStrictEqual(entry.check, common)) return without(entry, "check");
    const { check } = entry;
    const own = Object.entries(check).filter(([field, value]) => common[field] !== value);
    const isCovered = check.kind === common.kind && Object.keys(common).every((field) => Object.hasOwn(check, field));
    return isCovered ? { ...entry, check: Object.fromEntries(own) } : entry;
  };
  return { defaults: { check: common }, services: mapped(services, rest) };
}
