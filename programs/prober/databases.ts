import { askPostgres } from "../../discovery/src/shared/postgres.js";
import { askRedis } from "../../discovery/src/shared/redis.js";
import type { ServerState } from "../../discovery/src/shared/server-state.js";
import { critical, LONGEST_MS, type Outcome, passing, warning } from "./outcome.js";

/** What the codes mean with which PostgreSQL answers the start of a session. */
const POSTGRES_CODES: Readonly<Record<string, string>> = {
  "28000": "it does not let this role in",
  "28P01": "it wants another password",
  "3D000": "it has no such database",
  "42501": "this role may not connect",
  "53300": "it has no connection left",
  "57P01": "it is shut down",
  "57P03": "it does not accept connections now",
};

const OUTCOMES = { passing, warning, critical } satisfies Record<ServerState["status"], (says: string) => Outcome>;

/** Whether a PostgreSQL server accepts connections. */
export async function postgres(
  place: { readonly host: string; readonly port: number },
  user: string,
  database: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { status, says, code = "" } = await askPostgres({ ...place, signal, idleMs: LONGEST_MS }, user, database);
  const meaning = POSTGRES_CODES[code];
  return OUTCOMES[status](meaning === undefined ? says : `${says}: ${meaning}`);
}

/** Whether a Redis server answers commands. */
export async function redis(
  place: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Outcome> {
  const { status, says } = await askRedis({ ...place, signal, idleMs: LONGEST_MS });
  return OUTCOMES[status](says);
}
