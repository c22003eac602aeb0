import { isDeepStrictEqual } from "node:util";
import { CHECK_KINDS, TIMED_KINDS } from "./check-kinds.js";
import type { Entry } from "./with-service.js";

/** The kinds of check that can be asked for with options; `resources` and `alias` are written in an editor. */
export const OFFERED_KINDS = CHECK_KINDS.filter((kind) => kind !== "resources" && kind !== "alias");

/** What `rollcall add service` takes. Values are judged by the catalog, in its words. */
export interface NewService {
  readonly name: string;
  readonly team: string;
  /** 1 to 65535. @default - the catalog says that it is missing, unless `dynamic` */
  readonly port?: number | undefined;
  /** A host name or an IP address. @default - the team's */
  readonly address?: string | undefined;
  /** In addition to the team's. @default - none */
  readonly tags?: readonly string[] | undefined;
  /** Laid over the team's, key by key. @default - none */
  readonly meta?: Readonly<Record<string, string>> | undefined;
  /** It becomes the meta key `region`. @default - none */
  readonly region?: string | undefined;
  /** The kind of its check. @default - the team's; `http` where only a path is given and the team has no check */
  readonly check?: (typeof OFFERED_KINDS)[number] | undefined;
  /** Of an HTTP check, such as `/health`. @default - the team's */
  readonly path?: string | undefined;
  /** How often it is checked, such as `10s`. @default - the team's, else 10s */
  readonly interval?: string | undefined;
  /** How long an attempt may take, such as `5s`. @default - the team's, else 5s */
  readonly timeout?: string | undefined;
  /** Of a PostgreSQL check: as whom a session is begun. @default - the team's */
  readonly user?: string | undefined;
  /** Of a `ttl` check: how long after a heartbeat it is critical, such as `30s`. @default - the team's */
  readonly ttl?: string | undefined;
  /** Of the kind `none`: why nothing checks it. @default - the team's */
  readonly reason?: string | undefined;
  /** Its instances register themselves; only name and team go with it. @default false */
  readonly dynamic?: boolean | undefined;
  /** Whether a team that the catalog does not have gets a file of its own. @default false */
  readonly newTeam?: boolean | undefined;
}

const TIMED: readonly string[] = TIMED_KINDS;

/**
 * What the file is to say of a service: only what was asked for and what its team does not say already. Pure.
 * @param team the check in the team's `defaults`, as the file has it; undefined for none
 */
export function entryOf(wanted: NewService, team: Entry | undefined): Entry {
  return given({
    port: wanted.port,
    address: wanted.address,
    region: wanted.region,
    tags: wanted.tags?.length === 0 ? undefined : wanted.tags,
    meta: Object.keys(wanted.meta ?? {}).length === 0 ? undefined : wanted.meta,
    check: checkOf(wanted, team),
    dynamic: wanted.dynamic === true ? true : undefined,
  });
}

/** The team's check holds field by field where it is of the same kind; another kind stands alone, so it says all. */
function checkOf(wanted: NewService, team: Entry | undefined): Entry | undefined {
  const { path, interval, timeout, user, ttl, reason } = wanted;
  const fields = given({ path, user, ttl, reason, interval, timeout });
  const kind = wanted.check ?? team?.kind ?? (path === undefined ? undefined : "http");
  if (team !== undefined && kind === team.kind) {
    const own = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(value, team[name]));
    return own.length === 0 ? undefined : Object.fromEntries(own);
  }
  if (kind === undefined) return Object.keys(fields).length === 0 ? undefined : fields;
  if (!TIMED.includes(String(kind))) return { kind, ...fields };
  return { kind, ...fields, interval: interval ?? team?.interval ?? "10s", timeout: timeout ?? team?.timeout ?? "5s" };
}

function given(fields: Entry): Entry {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
