import { join, relative } from "node:path";
import { LocalBackend, PgBackend, type TerraformStack } from "cdktf";
import type { BackendName, Settings } from "../settings.js";

/** What says where the state of a stack is kept. */
export type StatePlace = Pick<Settings, "backend" | "stateFolder" | "instance" | "outdir">;

type Backend = (stack: TerraformStack, id: string, settings: StatePlace) => void;

/** Each value of `ROLLCALL_BACKEND`. A new one is an entry here and a word in lib/settings/table.ts. */
const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  /**
   * A file a stack in the settings' state folder, which only this machine reads. Its path is relative to the folder in
   * which Terraform runs: the clone may be moved.
   */
  local: (stack, id, { outdir, stateFolder }) => {
    new LocalBackend(stack, { path: join(relative(join(outdir, "stacks", id), stateFolder), `${id}.tfstate`) });
  },
  /**
   * PostgreSQL, a schema a stack, locked while somebody applies. Where it is and how to get in is read by Terraform from
   * libpq's variables (`PGHOST`, `PGDATABASE`, `PGUSER`, `PGPASSFILE`, …): what is synthesized holds neither.
   */
  pg: (stack, id, { instance }) => {
    new PgBackend(stack, { connStr: "", schemaName: `${instance}-${id}` });
  },
};

/** Gives a stack the place where Terraform keeps its state, and where other stacks read what it gives them. */
export function placeState(stack: TerraformStack, id: string, settings: StatePlace): void {
  BACKENDS[settings.backend](stack, id, settings);
}
