import type { z } from "zod";
import { type Check, checkSchema } from "./checks";
import { kvValue, LONGEST_VALUE } from "./definition";
import { isMapping } from "./explain";
import { isAddress, meta, tags } from "./fields";
import { REACHABLE, whyNotOfAService } from "./host";
import type { Defaults, InstanceEntry, ServiceEntry } from "./schema";
import type { NamedCheck, Service } from "./types";

/** How long a service may stay critical where the catalog does not say: the time of the seeds. */
export const DEREGISTER_AFTER = "90s";

/** Something of a service that is wrong only together with its team's defaults. */
export interface Misfit {
  /** The field, from the service on; [] for the service as a whole. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

/** The instances of a service with every default filled in, or what stands against them. */
export interface Resolved {
  readonly services: readonly Service[];
  readonly misfits: readonly Misfit[];
}

/** What `{name}` stands for: `billing` for `billing_service`, `vector-db` for `vector_db_grpc_service`. */
export function shortName(service: string): string {
  return service.replace(/(?:_grpc)?_service$/, "").replaceAll("_", "-");
}

/**
 * The check of a service: its own fields laid over the team's where that has the same kind, else its own alone.
 * @param own what the service says, unchecked
 * @param team what the defaults say, unchecked; undefined for nothing
 */
export function resolveCheck(own: unknown, team: unknown): z.ZodSafeParseResult<Check> {
  const same = isMapping(own) && isMapping(team) && (own.kind === undefined || own.kind === team.kind);
  return checkSchema.safeParse(same ? { ...without(team, own), ...own } : own, { reportInput: true });
}

/** The team's check without what another choice of the service's stands instead of. */
function without(team: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>) {
  const { path, url, tls, ...rest } = team;
  const kept = { ...(path === undefined ? {} : { path }), ...(tls === undefined ? {} : { tls }) };
  if ("url" in own) return rest;
  return "path" in own || url === undefined ? { ...rest, ...kept } : { ...rest, url };
}

/**
 * Fills in the defaults of a service and of its instances.
 * @param check the outcome of `resolveCheck`, or undefined where neither the service nor its team has a check
 */
export function resolveService(
  name: string,
  entry: ServiceEntry,
  context: { readonly team: string; readonly defaults: Defaults; readonly check: Check | undefined },
): Resolved {
  const { check } = context;
  const further = Object.entries(entry.checks ?? {}).map(([key, one]) => ({ name: key, check: one }));
  const isMade = check !== undefined && (check.kind !== "none" || further.length === 0);
  const checks = [...(isMade ? [{ name: check.kind, check }] : []), ...further];
  const common = { ...context, name, checks, entry };
  const instances = entry.instances?.map((instance, index) => resolveInstance(instance, ["instances", index], common));
  const resolved = instances ?? [resolveInstance({ id: name }, [], common)];
  const misfits = [
    ...(checks.length === 0 ? [NO_CHECK] : []),
    ...further.filter((one) => isMade && one.name === check.kind).map((one) => sameName(one.name)),
    ...resolved.flatMap((one) => one.misfits),
  ];
  // What is wrong with the service is wrong with each of its instances, and told once.
  const told = [...new Map(misfits.map((one) => [JSON.stringify(one), one])).values()];
  return { services: misfits.length > 0 ? [] : resolved.flatMap((one) => one.services), misfits: told };
}

interface Common {
  readonly name: string;
  readonly team: string;
  readonly defaults: Defaults;
  readonly entry: ServiceEntry;
  readonly checks: readonly NamedCheck[];
}

function resolveInstance(instance: InstanceEntry, at: Misfit["path"], common: Common): Resolved {
  const { team, name, defaults, entry, checks } = common;
  const address = (instance.address ?? entry.address ?? defaults.address)?.replaceAll("{name}", shortName(name));
  const port = instance.port ?? entry.port;
  const region = instance.region ?? entry.region;
  const weights = instance.weights ?? entry.weights;
  const allTags = [...new Set([...(defaults.tags ?? []), ...(entry.tags ?? []), ...(instance.tags ?? [])])];
  const allMeta = { ...defaults.meta, ...entry.meta, ...instance.meta, ...(region === undefined ? {} : { region }) };
  const from = (field: "address" | "tags" | "meta") => (instance[field] === undefined ? [field] : [...at, field]);
  const misfits: readonly Misfit[] = [
    ...(address === undefined ? [NO_ADDRESS] : []),
    ...(address === undefined ? [] : misplaced(from("address"), address)),
    ...twoRegions(at, { service: entry, instance }),
    ...tooMany(from("tags"), allTags.length, tags.safeParse(allTags)),
    ...tooMany(from("meta"), Object.keys(allMeta).length, meta.safeParse(allMeta)),
  ];
  if (port === undefined || address === undefined || misfits.length > 0) return { services: [], misfits };
  const deregisterCriticalServiceAfter =
    entry.deregister_critical_service_after ?? defaults.deregister_critical_service_after ?? DEREGISTER_AFTER;
  const failover = entry.failover ?? defaults.failover;
  const service: Service = {
    team,
    name,
    id: instance.id,
    address,
    port,
    tags: allTags,
    meta: allMeta,
    ...(weights === undefined ? {} : { weights }),
    checks,
    deregisterCriticalServiceAfter,
    ...(failover === undefined ? {} : { failover }),
  };
  const { length } = kvValue(service);
  return length > LONGEST_VALUE
    ? { services: [], misfits: [tooLong(at, length)] }
    : { services: [service], misfits: [] };
}

function sameName(name: string): Misfit {
  return {
    path: ["checks", name],
    message: "has the name of the service's own check",
    remedy: "give it another name",
  };
}

const NO_CHECK: Misfit = {
  path: [],
  message: "has no check and neither has its team",
  remedy: 'add check to it or to defaults; to go without, write check: { kind: none, reason: "why" }',
};

const NO_ADDRESS: Misfit = {
  path: [],
  message: "has no address and neither has its team",
  remedy: "add address to it or to defaults, such as isa-{name}",
};

/** What is wrong with an address in which `{name}` has been replaced. */
function misplaced(path: Misfit["path"], address: string): readonly Misfit[] {
  const remedy = "give the service an address of its own";
  if (!isAddress(address)) return [{ path, message: `becomes "${address}", which is no host name`, remedy }];
  const why = whyNotOfAService(address);
  if (why === undefined) return [];
  return [{ path, message: `is "${address}", which ${why}`, remedy: `write ${REACHABLE}` }];
}

/** `region` becomes the meta key of that name, so one of the two would say nothing. The team's may be overruled. */
function twoRegions(
  at: Misfit["path"],
  { service, instance }: { readonly service: ServiceEntry; readonly instance: InstanceEntry },
): readonly Misfit[] {
  if ((instance.region ?? service.region) === undefined) return [];
  const remedy = "leave one of them out: region becomes this meta key";
  const message = "stands beside region";
  return [
    ...(service.meta?.region === undefined ? [] : [{ path: ["meta", "region"], message, remedy }]),
    ...(instance.meta?.region === undefined || at.length === 0
      ? []
      : [{ path: [...at, "meta", "region"], message, remedy }]),
  ];
}

function tooLong(path: Misfit["path"], length: number): Misfit {
  return {
    path,
    message: `is ${length} characters long as Consul's JSON, and ${LONGEST_VALUE} are the most`,
    remedy: "shorten its tags, its meta or its check",
  };
}

function tooMany(path: Misfit["path"], count: number, outcome: z.ZodSafeParseResult<unknown>): readonly Misfit[] {
  const wants = outcome.error?.issues[0]?.message;
  return wants === undefined
    ? []
    : [{ path, message: `has ${count} entries with the team's`, remedy: `write ${wants}` }];
}
