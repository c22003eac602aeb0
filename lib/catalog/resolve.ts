import type * as z from "zod";
import { filledIn } from "../../discovery/src/shared/catalog-defaults.js";
import { filledFor, hasPlaceholder, type Whose } from "../../discovery/src/shared/placeholders.js";
import { ASKING_KINDS } from "./check-kinds.js";
import { type Check, checkSchema } from "./checks.js";
import { kvValue } from "./definition.js";
import { LONGEST_VALUE } from "./definition-schema.js";
import { isMapping } from "./explain.js";
import { isAddress, meta, tags } from "./fields.js";
import { REACHABLE, whyNotOfAService } from "./host.js";
import type { Monitored } from "./monitored.js";
import { monitoredBy } from "./monitored-fields.js";
import type { Defaults, InstanceEntry, ServiceEntry } from "./schema.js";
import type { NamedCheck, Service } from "./types.js";

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
  const { path, url, port, tls, ...rest } = team;
  const kept = Object.fromEntries(Object.entries({ path, port, tls }).filter(([, value]) => value !== undefined));
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
  const { monitored, misfits: unseen } = monitoredFor(entry, context.defaults, checks);
  const common = { ...context, name, checks, entry, monitored };
  const instances = entry.instances?.map((instance, index) => resolveInstance(instance, ["instances", index], common));
  const resolved = instances ?? [resolveInstance({ id: name }, [], common)];
  const wrong = [
    ...(checks.length === 0 ? [NO_CHECK] : []),
    ...further.filter((one) => isMade && one.name === check.kind).map((one) => sameName(one.name)),
    ...unseen,
    ...resolved.flatMap((one) => one.misfits),
  ];
  // Rendered only where nothing else is wrong: the rules above keep what would be no definition.
  const misfits =
    wrong.length > 0
      ? wrong
      : resolved.flatMap((one, index) =>
          one.services.flatMap((service) => tooLong(instances === undefined ? [] : ["instances", index], service)),
        );
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
  readonly monitored: Monitored;
}

/** What holds for those who watch it. What its checks cannot tell is its own mistake, and not asked of it by its team. */
function monitoredFor(entry: ServiceEntry, defaults: Defaults, checks: readonly NamedCheck[]) {
  const { slo, latency, ...rest } = monitoredBy(defaults, entry);
  const asking: readonly string[] = ASKING_KINDS;
  const kinds = checks.map(({ check }) => check.kind);
  const isChecked = kinds.some((kind) => kind !== "none");
  const isProbed = kinds.some((kind) => asking.includes(kind));
  const monitored: Monitored = {
    ...rest,
    ...(slo === undefined || !isChecked ? {} : { slo }),
    ...(latency === undefined || !isProbed ? {} : { latency }),
  };
  const misfits: readonly Misfit[] = [
    ...(entry.slo !== undefined && !isChecked && kinds.length > 0 ? [NEVER_DOWN] : []),
    ...(entry.latency !== undefined && !isProbed && kinds.length > 0 ? [NOT_TIMED] : []),
  ];
  return { monitored, misfits };
}

const NEVER_DOWN: Misfit = {
  path: ["slo"],
  message: "is there, and nothing checks the service: it would always be kept",
  remedy: "leave it out, or give the service a check",
};

const NOT_TIMED: Misfit = {
  path: ["latency"],
  message: "is there, and no check asks the service: none is timed",
  remedy: "leave it out, or give the service a check of another kind",
};

function resolveInstance(instance: Partial<InstanceEntry>, at: Misfit["path"], common: Common): Resolved {
  const { team, name, defaults, entry, checks, monitored } = common;
  const filled = filledIn<NonNullable<Service["weights"]>>(name, [defaults, entry, instance]);
  const { id, address, port, weights } = filled;
  const placed = checks.map((each) => placedCheck(each, { name, id }, entry));
  const from = (field: "address" | "tags" | "meta") => (instance[field] === undefined ? [field] : [...at, field]);
  const misfits: readonly Misfit[] = [
    ...(address === undefined ? [NO_ADDRESS] : []),
    ...(address === undefined ? [] : misplaced(from("address"), address)),
    ...twoRegions(at, { service: entry, instance }),
    ...tooMany(from("tags"), filled.tags.length, tags.safeParse(filled.tags)),
    ...tooMany(from("meta"), Object.keys(filled.meta).length, meta.safeParse(filled.meta)),
    ...placed.flatMap((each) => each.misfits),
  ];
  if (port === undefined || address === undefined || misfits.length > 0) return { services: [], misfits };
  const deregisterCriticalServiceAfter =
    entry.deregister_critical_service_after ?? defaults.deregister_critical_service_after ?? DEREGISTER_AFTER;
  const failover = entry.failover ?? defaults.failover;
  const service: Service = {
    team,
    name,
    id,
    address,
    port,
    tags: filled.tags,
    meta: filled.meta,
    ...(weights === undefined ? {} : { weights }),
    checks: placed.map(({ made }) => made),
    deregisterCriticalServiceAfter,
    ...(failover === undefined ? {} : { failover }),
    ...monitored,
  };
  return { services: [service], misfits: [] };
}

/** A check with `{name}` and `{id}` replaced in what it asks, and what is wrong with that. */
function placedCheck(
  { name, check }: NamedCheck,
  whose: Whose,
  entry: ServiceEntry,
): { readonly made: NamedCheck; readonly misfits: readonly Misfit[] } {
  if (check.kind !== "http") return { made: { name, check }, misfits: [] };
  const field = check.url === undefined ? "path" : "url";
  const { [field]: written = "" } = check;
  if (!hasPlaceholder(written)) return { made: { name, check }, misfits: [] };
  const text = filledFor(whose, written);
  const made = { name, check: { ...check, [field]: text } };
  const [issue] = checkSchema.safeParse(made.check).error?.issues ?? [];
  const at = name in (entry.checks ?? {}) ? ["checks", name, field] : ["check", field];
  const why = issue?.code === "custom" && typeof issue.params?.why === "string" ? `, which ${issue.params.why}` : "";
  return {
    made,
    misfits:
      issue === undefined ? [] : [{ path: at, message: `becomes "${text}"${why}`, remedy: `write ${issue.message}` }],
  };
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

/** What is wrong with an address in which the placeholders have been replaced. */
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
  { service, instance }: { readonly service: ServiceEntry; readonly instance: Partial<InstanceEntry> },
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

function tooLong(path: Misfit["path"], service: Service): readonly Misfit[] {
  const { length } = kvValue(service);
  const message = `is ${length} characters long as Consul's JSON, and ${LONGEST_VALUE} are the most`;
  return length > LONGEST_VALUE ? [{ path, message, remedy: "shorten its tags, its meta or its check" }] : [];
}

function tooMany(path: Misfit["path"], count: number, outcome: z.ZodSafeParseResult<unknown>): readonly Misfit[] {
  const wants = outcome.error?.issues[0]?.message;
  return wants === undefined
    ? []
    : [{ path, message: `has ${count} entries with the team's`, remedy: `write ${wants}` }];
}
