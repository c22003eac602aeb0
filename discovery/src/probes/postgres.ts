import type { Probe } from "../heartbeat.js";
import { filled, mustFit, shapeOf, whole } from "../shape.js";
import { askPostgres } from "../shared/postgres.js";

/** A PostgreSQL server, and whom to greet it as; no password is sent. */
export interface PostgresTarget {
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /** @default "postgres" */
  readonly user?: string;
  /** @default the user */
  readonly database?: string;
}

const TARGET = shapeOf<PostgresTarget>({ host: filled, port: whole(1, 65_535), user: filled, database: filled });

/**
 * Whether a PostgreSQL server accepts connections, by the rule of its own `pg_isready`: every answer to a greeting is
 * one of a server that does, but "cannot connect now" (57P03). Too many connections (53300) is a warning.
 * @throws InvalidOption
 */
export function postgresProbe(target: PostgresTarget): Probe {
  mustFit("postgresProbe", target, TARGET);
  const { host, port = 5432, user = "postgres", database = user } = target;
  return async (signal) => {
    const { status, says, message } = await askPostgres({ host, port, signal }, user, database);
    return { status, says: message === undefined ? says : `${says}: ${message}` };
  };
}
