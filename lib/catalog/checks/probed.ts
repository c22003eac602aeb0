import * as z from "zod";
import { PROBER } from "../../prober.js";
import type { RenderedCheck } from "../definition-schema.js";
import { hostPort } from "../host-port.js";
import { text } from "../text.js";
import { type CheckTarget, NO_REDIRECTS, renderTiming, type Timing, timing } from "./common.js";

const userWants = "the name of a role of the database, at most 63 letters, digits, _ and -";
const databaseWants = "the name of a database, at most 63 letters, digits, _ and -";
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;
const shareWants = "a whole number from 1 to 100";
const share = z.int(shareWants).min(1, shareWants).max(100, shareWants);

/*
 * The kinds that Consul does not know: the prober makes them and answers in HTTP, 200 for passing, 429 for a warning,
 * 503 for critical, as Consul's own HTTP check reads it. Decision 008.
 */

/** A PostgreSQL server that accepts connections. */
export const postgresShape = {
  kind: z
    .literal("postgres")
    .describe("The start of a PostgreSQL session; passes where a PostgreSQL server accepts it"),
  user: text(63, userWants)
    .regex(NAME, userWants)
    .describe("The role that is named to the server; no password is sent"),
  database: text(63, databaseWants)
    .regex(NAME, databaseWants)
    .optional()
    .describe("The database that is asked for; the one named as the user if left out"),
  ...timing,
};

/** A Redis server that answers commands. */
export const redisShape = {
  kind: z.literal("redis").describe("A PING; passes where a Redis server answers it, or asks for a password"),
  ...timing,
};

/** The machine's CPU, memory and disk. */
export const resourcesShape = {
  kind: z.literal("resources").describe("CPU, memory and disk of the Docker host; a warning at most, never critical"),
  cpu: share.optional().describe("Percent of the CPU in use from which it warns; 90 if left out"),
  memory: share.optional().describe("Percent of the memory in use from which it warns; 90 if left out"),
  disk: share.optional().describe("Percent of Docker's disk in use from which it warns; 90 if left out"),
  ...timing,
};

interface PostgresCheck extends Timing {
  readonly user: string;
  readonly database?: string | undefined;
}

interface ResourcesCheck extends Timing {
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly disk?: number | undefined;
}

/** The check as Consul is to make it. */
export function renderPostgres(check: PostgresCheck, target: CheckTarget): RenderedCheck {
  const { user, database = user } = check;
  return probed(`PostgreSQL as ${user}`, `postgres/${hostPort(target)}?user=${user}&database=${database}`, check);
}

/** The check as Consul is to make it. */
export function renderRedis(check: Timing, target: CheckTarget): RenderedCheck {
  return probed("Redis PING", `redis/${hostPort(target)}`, check);
}

/** The check as Consul is to make it. */
export function renderResources(check: ResourcesCheck): RenderedCheck {
  const { cpu = 90, memory = 90, disk = 90 } = check;
  return probed("CPU, memory and disk", `resources?cpu=${cpu}&memory=${memory}&disk=${disk}`, check);
}

function probed(name: string, path: string, timing: Timing): RenderedCheck {
  const http = `http://${PROBER.host}:${PROBER.port}/${path}`;
  return { name, http, method: "GET", ...NO_REDIRECTS, ...renderTiming(timing) };
}
