import { KV_PREFIX } from "../../catalog/definition.js";
import type { Catalog, Service } from "../../catalog/types.js";
import { AGENT_NODE } from "../cluster.js";
import type { AclRules } from "./acl-rules.js";

/** A consumer of the platform, with why it needs what it gets. `docs/security.md` shows the same table. */
export interface Grant {
  readonly description: string;
  readonly rules: AclRules;
}

/** Who may do what: each as small as its work allows. */
export function grantsFor({ services, dynamic }: Pick<Catalog, "services" | "dynamic">) {
  return {
    anonymous: {
      description: "Anybody: reads nodes and services",
      rules: { node_prefix: { "": "read" }, service_prefix: { "": "read" } },
    },
    agent: {
      description: "The shared agent: keeps its own node in the catalog, sees services for alias checks",
      rules: { node: { [AGENT_NODE]: "write" }, node_prefix: { "": "read" }, service_prefix: { "": "read" } },
    },
    registration: {
      description: "Registers exactly the declared services",
      rules: { service: Object.fromEntries(services.map(({ name }) => [name, "write"])) },
    },
    registrar: {
      // A removed service is no longer among the declared names when the agent is told to drop it: decision 005.
      description: "The registrar: reads the catalog and the checks, deregisters what was removed",
      rules: {
        key_prefix: { [KV_PREFIX]: "read" },
        node_prefix: { "": "read" },
        service_prefix: { "": "write" },
      },
    },
    metrics: {
      description: "Prometheus: scrapes each agent's metrics",
      rules: { agent_prefix: { "": "read" } },
    },
    discovery: {
      description: "Applications: find services, by health, catalog, DNS and prepared queries",
      rules: { node_prefix: { "": "read" }, service_prefix: { "": "read" }, query_prefix: { "": "read" } },
    },
    legacy: {
      description:
        "Services that know no token (ROLLCALL_COEXIST=on): register themselves under exactly the declared names",
      rules: { service: Object.fromEntries(services.map(({ name }) => [name, "write"])) },
    },
    backup: {
      // Consul lets nothing less take a snapshot, and with it a token can give itself any right.
      description: "The scheduled backup (ROLLCALL_BACKUP_EVERY): takes snapshots",
      rules: { acl: "write" },
    },
    monitor: {
      description: "The monitor (ROLLCALL_MONITOR): reads what is declared and how everything is",
      rules: {
        key_prefix: { [KV_PREFIX]: "read" },
        node_prefix: { "": "read" },
        service_prefix: { "": "read" },
      },
    },
    dynamic: {
      description: "Applications whose instances come and go: register themselves under the names declared as dynamic",
      rules: {
        node_prefix: { "": "read" },
        service: Object.fromEntries(dynamic.map(({ name }) => [name, "write"])),
        service_prefix: { "": "read" },
      },
    },
    heartbeat: {
      description: "Services with a ttl check: report how they are, under exactly those names",
      rules: {
        node_prefix: { "": "read" },
        service: Object.fromEntries(services.filter(reportsItself).map(({ name }) => [name, "write"])),
        service_prefix: { "": "read" },
      },
    },
    operator: {
      description: "A person on call: reload, members, raft and autopilot; reads the catalog, writes no service or ACL",
      rules: {
        agent_prefix: { "": "write" },
        key_prefix: { [KV_PREFIX]: "read" },
        node_prefix: { "": "read" },
        operator: "write",
        service_prefix: { "": "read" },
      },
    },
  } as const satisfies Record<string, Grant>;
}

/** Consul asks for the right to write a service of whoever reports on one of its checks. */
function reportsItself({ checks }: Service): boolean {
  return checks.some(({ check }) => check.kind === "ttl");
}
