import type { z } from "zod";
import { type Check, checkSchema } from "./checks";
import { kvValue, LONGEST_VALUE } from "./definition";
import { isMapping } from "./explain";
import { isAddress, meta, tags } from "./fields";
import type { Defaults, ServiceEntry } from "./schema";
import type { Service } from "./types";

/** How long a service may stay critical where the catalog does not say: the time of the seeds. */
const DEREGISTER_AFTER = "90s";

/** Something of a service that is wrong only together with its team's defaults. */
export interface Misfit {
  /** The field; undefined for the service as a whole. */
  readonly field?: string;
  readonly message: string;
  readonly remedy: string;
}

/** A service with the team's defaults filled in, or what stands against it. */
export type Resolved =
  | { readonly service: Service; readonly misfits: readonly [] }
  | { readonly misfits: readonly Misfit[] };

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
  return checkSchema.safeParse(same ? { ...team, ...own } : own, { reportInput: true });
}

/**
 * Fills in the defaults of a service.
 * @param check the outcome of `resolveCheck`, or undefined where neither the service nor its team has a check
 */
export function resolveService(
  name: string,
  entry: ServiceEntry,
  context: { readonly team: string; readonly defaults: Defaults; readonly check: Check | undefined },
): Resolved {
  const { team, defaults, check } = context;
  const template = entry.address ?? defaults.address;
  const address = template?.replaceAll("{name}", shortName(name));
  const allTags = [...new Set([...(defaults.tags ?? []), ...(entry.tags ?? [])])];
  const allMeta = { ...defaults.meta, ...entry.meta };
  const misfits: readonly Misfit[] = [
    ...(check === undefined ? [NO_CHECK] : []),
    ...(address === undefined ? [NO_ADDRESS] : []),
    ...(address !== undefined && !isAddress(address) ? [noHost(address)] : []),
    ...(address !== undefined && CONTROL_PLANE.test(address) ? [ofThePlatform(address)] : []),
    ...tooMany("tags", allTags.length, tags.safeParse(allTags)),
    ...tooMany("meta", Object.keys(allMeta).length, meta.safeParse(allMeta)),
  ];
  if (check === undefined || address === undefined || misfits.length > 0) return { misfits };
  const deregisterCriticalServiceAfter =
    entry.deregister_critical_service_after ?? defaults.deregister_critical_service_after ?? DEREGISTER_AFTER;
  const { port } = entry;
  const service = { team, name, address, port, tags: allTags, meta: allMeta, check, deregisterCriticalServiceAfter };
  const { length } = kvValue(service);
  return length > LONGEST_VALUE ? { misfits: [tooLong(length)] } : { service, misfits: [] };
}

const NO_CHECK: Misfit = {
  message: "has no check and neither has its team",
  remedy: 'add check to it or to defaults; to go without, write check: { kind: none, reason: "why" }',
};

const NO_ADDRESS: Misfit = {
  message: "has no address and neither has its team",
  remedy: "add address to it or to defaults, such as isa-{name}",
};

/** Names that the control plane's own containers answer to; a stand-in of that name could not be made. */
const CONTROL_PLANE = /^(consul-(server-\d+|agent-shared|ui|registrar)(-config|-secrets)?|staging-consul)$/i;

function ofThePlatform(address: string): Misfit {
  return {
    field: "address",
    message: `is "${address}", a name of the platform's own`,
    remedy: "give the service an address of its own",
  };
}

function noHost(address: string): Misfit {
  return {
    field: "address",
    message: `becomes "${address}", which is no host name`,
    remedy: "give the service an address of its own",
  };
}

function tooLong(length: number): Misfit {
  return {
    message: `is ${length} characters long as Consul's JSON, and ${LONGEST_VALUE} are the most`,
    remedy: "shorten its tags, its meta or its check",
  };
}

function tooMany(field: string, count: number, outcome: z.ZodSafeParseResult<unknown>): readonly Misfit[] {
  const wants = outcome.error?.issues[0]?.message;
  return wants === undefined
    ? []
    : [{ field, message: `has ${count} entries with the team's`, remedy: `write ${wants}` }];
}
