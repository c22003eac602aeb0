import { PgBackend } from "cdktf";
import type { Backend } from "./backend";

/**
 * PostgreSQL, a schema a stack, locked while somebody applies. Where it is and how to get in is read by Terraform from
 * libpq's variables (`PGHOST`, `PGDATABASE`, `PGUSER`, `PGPASSFILE`, …): what is synthesized holds neither.
 */
export const pgBackend: Backend = (stack, id, { instance }) => {
  new PgBackend(stack, { connStr: "", schemaName: `${instance}-${id}` });
};
