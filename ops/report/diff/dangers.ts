import type { Change } from "../../../lib/catalog/changes.js";
import type { Danger } from "./report.js";

/** What a plan would do to one resource. */
export interface PlannedChange {
  readonly stack: string;
  readonly type: string;
  /** The name on the Docker host where it has one, else its address in Terraform. */
  readonly name: string;
  readonly action: "create" | "update" | "replace" | "delete";
}

/** Changes that could destroy the platform or its data by mistake, each with its word for ROLLCALL_ALLOW. */
export function dangersOf(
  planned: readonly PlannedChange[],
  removedAlive: readonly Change[],
  allowed: ReadonlySet<string>,
): readonly Danger[] {
  const touched = planned.filter(({ action }) => action !== "create");
  const found = [
    ...touched.filter(isServerData).map(({ name, action }) => ["server-data", `${name} is ${past(action)}`]),
    ...touched
      .filter(({ type }) => type === "tls_self_signed_cert")
      .map(({ action }) => ["ca", `the certificate authority is ${past(action)}: every certificate with it`]),
    ...touched
      .filter(({ type, name }) => type === "random_bytes" && /gossip/.test(name))
      .map(({ action }) => [
        "gossip-key",
        `the gossip key is ${past(action)}: no member understands another meanwhile`,
      ]),
    ...together(touched).map((stack) => ["servers-together", `more than one server is touched in the stack ${stack}`]),
    ...removedAlive.map(({ service }) => ["removed-service", `${service} is removed and still has a healthy instance`]),
  ];
  return found.map(([id = "", what = ""]) => ({ id, what, isAllowed: allowed.has(id) }));
}

/**
 * Removals that may be a mistake.
 * @param removals a sentence each
 */
export function removalDangers(removals: readonly string[], allowed: ReadonlySet<string>): readonly Danger[] {
  const id = "removed-service";
  return removals.map((what) => ({ id, what, isAllowed: allowed.has(id) }));
}

/** What people will notice of a plan: containers that stop for a while, or for good. */
export function noticedIn(planned: readonly PlannedChange[]): readonly string[] {
  return planned
    .filter(({ type, action }) => type === "docker_container" && (action === "replace" || action === "delete"))
    .filter(({ name }) => !/-(config|secrets|servers|programs-[^/]*)$/.test(name))
    .map(({ name, action }) => `${name} is ${past(action)}`);
}

function isServerData({ type, name, action }: PlannedChange): boolean {
  return type === "docker_volume" && /consul-(server-\d+|monitor)-data$/.test(name) && action !== "update";
}

function together(touched: readonly PlannedChange[]): readonly string[] {
  const servers = touched.filter(({ type, name }) => type === "docker_container" && /consul-server-\d+$/.test(name));
  const stacks = servers.map(({ stack }) => stack);
  return [...new Set(stacks.filter((stack, index) => stacks.indexOf(stack) !== index))];
}

function past(action: PlannedChange["action"]): string {
  return { create: "created", update: "changed", replace: "replaced", delete: "destroyed" }[action];
}
