import type { Call } from "./http.js";

/** Who has a token on every platform, and whoever has none. */
export const ALWAYS = [
  "anonymous",
  "discovery",
  "dynamic",
  "heartbeat",
  "metrics",
  "operator",
  "registration",
  "registrar",
  "monitor",
  "agent",
  "management",
] as const;

/** Who has one only where a setting asks for it. */
export const BY_SETTING = ["legacy", "backup"] as const;

export type Who = (typeof ALWAYS)[number] | (typeof BY_SETTING)[number];

/** Every consumer of `lib/consul/acl/acl-grants.ts`, and whoever holds the management token. */
export const EVERYBODY: readonly Who[] = [...ALWAYS, ...BY_SETTING];

export interface Deed {
  /** What is done, e.g. "reads the agent's metrics". */
  readonly does: string;
  readonly at: "gateway" | "agent";
  readonly call: Omit<Call, "token">;
  /** Who may; everybody else is refused. */
  readonly may: readonly Who[];
  /** How the others are refused: told so, or shown an empty list, which is Consul's way with lists. @default 403 */
  readonly refusal?: 403 | "nothing is shown";
}

/** Who may read nodes and services. */
const NODE_READERS: readonly Who[] = [
  "anonymous",
  "discovery",
  "dynamic",
  "heartbeat",
  "operator",
  "registrar",
  "monitor",
  "agent",
  "management",
];

/** The shared agent's node. */
export const OWN_NODE = "consul-agent-shared";
/** A check on a node of the catalog; `SkipNodeUpdate` leaves the node itself as it is. */
const nodeCheck = (node: string) => ({
  Node: node,
  SkipNodeUpdate: true,
  Check: { Node: node, CheckID: "access-test", Name: "made by a test", Status: "passing" },
});

/** What is tried with every token: each API of Consul, and of each the reads and the writes. */
export const DEEDS: readonly Deed[] = [
  {
    does: "finds a service's healthy instances",
    at: "agent",
    call: { method: "GET", path: "/v1/health/service/billing_service?passing=true" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists the services through the gateway",
    at: "gateway",
    call: { method: "GET", path: "/v1/catalog/services" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists the nodes",
    at: "gateway",
    call: { method: "GET", path: "/v1/catalog/nodes" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists prepared queries",
    at: "gateway",
    call: { method: "GET", path: "/v1/query" },
    // Consul shows all of them to whoever may write ACLs.
    may: ["discovery", "backup", "management"],
    refusal: "nothing is shown",
  },
  {
    does: "reads a declared service in KV",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/catalog/user-platform/billing_service" },
    may: ["operator", "registrar", "monitor", "management"],
  },
  {
    does: "reads KV outside the catalog",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/access-test" },
    may: ["management"],
  },
  {
    // An index that cannot be right: who may write is told "false", and nothing is written.
    does: "writes a declared service in KV",
    at: "gateway",
    call: { method: "PUT", path: "/v1/kv/catalog/user-platform/billing_service?cas=1", body: {} },
    may: ["management"],
  },
  {
    does: "reads the agent's metrics",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/metrics?format=prometheus" },
    may: ["metrics", "operator", "management"],
  },
  {
    does: "reads a server's metrics through the gateway",
    at: "gateway",
    call: { method: "GET", path: "/v1/agent/metrics?format=prometheus" },
    may: ["metrics", "operator", "management"],
  },
  {
    does: "reads the agent's configuration",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/self" },
    may: ["metrics", "operator", "management"],
  },
  {
    // A name that no agent has: whoever may is told that there is no such node, and nobody leaves.
    does: "makes a server leave the cluster",
    at: "gateway",
    call: { method: "PUT", path: "/v1/agent/force-leave/access-test" },
    may: ["operator", "management"],
  },
  {
    does: "reads the raft peers",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/raft/configuration" },
    may: ["operator", "management"],
  },
  {
    does: "lists the gossip keys",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/keyring" },
    may: ["management"],
  },
  {
    does: "lists ACL tokens",
    at: "gateway",
    call: { method: "GET", path: "/v1/acl/tokens" },
    may: ["backup", "management"],
  },
  {
    does: "makes an ACL policy",
    at: "gateway",
    call: { method: "PUT", path: "/v1/acl/policy", body: { Name: "access-test", Rules: "" } },
    may: ["backup", "management"],
  },
  {
    does: "registers a declared name on the agent",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "billing_service" } },
    may: ["registration", "legacy", "registrar", "management"],
  },
  {
    // The registrar too, because it must deregister what is no longer declared (docs/security.md, "What is not protected").
    does: "registers a foreign name on the agent",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "foreign_service" } },
    may: ["registrar", "management"],
  },
  {
    does: "registers a name that begins like a declared one",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "billing_service2" } },
    may: ["registrar", "management"],
  },
  {
    does: "puts a check on the shared agent's node",
    at: "gateway",
    call: { method: "PUT", path: "/v1/catalog/register", body: nodeCheck(OWN_NODE) },
    may: ["agent", "management"],
  },
  {
    does: "puts a check on a server's node",
    at: "gateway",
    call: { method: "PUT", path: "/v1/catalog/register", body: nodeCheck("consul-server-1") },
    may: ["management"],
  },
  {
    does: "takes a snapshot of everything",
    at: "gateway",
    call: { method: "GET", path: "/v1/snapshot" },
    may: ["backup", "management"],
  },
  {
    does: "lists the members",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/members" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    // Who may write a service may read it.
    does: "lists what is registered at the agent",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/services" },
    may: [...NODE_READERS, "registration", "legacy"],
    refusal: "nothing is shown",
  },
  {
    does: "lists the coordinates of the nodes",
    at: "gateway",
    call: { method: "GET", path: "/v1/coordinate/nodes" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "reads what the UI shows of the services",
    at: "gateway",
    call: { method: "GET", path: "/v1/internal/ui/services" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "reads about the agent's host",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/host" },
    may: ["operator", "management"],
  },
  {
    // It is not under maintenance: whoever may changes nothing.
    does: "takes the agent out of maintenance",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/maintenance?enable=false" },
    may: ["agent", "management"],
  },
  {
    does: "lists the keys in KV",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/?keys" },
    may: ["operator", "registrar", "monitor", "management"],
    refusal: "nothing is shown",
  },
  {
    does: "deletes a declared service in KV",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/kv/catalog/user-platform/billing_service?cas=1" },
    may: ["management"],
  },
  {
    does: "writes KV in a transaction",
    at: "gateway",
    call: { method: "PUT", path: "/v1/txn", body: [{ KV: { Verb: "set", Key: "access-test", Value: "MQ==" } }] },
    may: ["management"],
  },
  {
    does: "makes a session",
    at: "gateway",
    call: { method: "PUT", path: "/v1/session/create", body: { Name: "access-test", TTL: "10s", Node: OWN_NODE } },
    may: ["management"],
  },
  {
    does: "lists the sessions",
    at: "gateway",
    call: { method: "GET", path: "/v1/session/list" },
    may: ["management"],
    refusal: "nothing is shown",
  },
  {
    does: "fires an event",
    at: "gateway",
    call: { method: "PUT", path: "/v1/event/fire/access-test" },
    may: ["management"],
  },
  {
    does: "makes a prepared query",
    at: "gateway",
    call: { method: "POST", path: "/v1/query", body: { Name: "made-in-access-test", Service: { Service: "x" } } },
    may: ["management"],
  },
  {
    does: "writes the configuration entry of a declared service",
    at: "gateway",
    call: { method: "PUT", path: "/v1/config?cas=1", body: { Kind: "service-defaults", Name: "billing_service" } },
    may: ["registration", "legacy", "registrar", "management"],
  },
  {
    does: "writes the configuration entry of all proxies",
    at: "gateway",
    call: { method: "PUT", path: "/v1/config?cas=1", body: { Kind: "proxy-defaults", Name: "global" } },
    may: ["operator", "management"],
  },
  {
    does: "reads the configuration entry of a declared service",
    at: "gateway",
    call: { method: "GET", path: "/v1/config/service-defaults/billing_service" },
    may: [...NODE_READERS, "registration", "legacy"],
  },
  {
    does: "lists the configuration entries of services",
    at: "gateway",
    call: { method: "GET", path: "/v1/config/service-defaults" },
    may: [...NODE_READERS, "registration", "legacy"],
    refusal: "nothing is shown",
  },
  {
    // Consul keeps this one from nobody. There is none: everybody is told so.
    does: "reads the configuration entry of all proxies",
    at: "gateway",
    call: { method: "GET", path: "/v1/config/proxy-defaults/global" },
    may: EVERYBODY,
  },
  {
    does: "deletes the configuration entry of a declared service",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/config/service-defaults/billing_service?cas=1" },
    may: ["registration", "legacy", "registrar", "management"],
  },
  {
    does: "deletes the configuration entry of all proxies",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/config/proxy-defaults/global?cas=1" },
    may: ["operator", "management"],
  },
  {
    does: "reads autopilot's configuration",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/autopilot/configuration" },
    may: ["operator", "management"],
  },
  {
    does: "writes autopilot's configuration",
    at: "gateway",
    call: { method: "PUT", path: "/v1/operator/autopilot/configuration?cas=1", body: {} },
    may: ["operator", "management"],
  },
  {
    // An address that no peer has: whoever may is told so.
    does: "removes a raft peer",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/operator/raft/peer?address=192.0.2.1:8300" },
    may: ["operator", "management"],
  },
  {
    // No key: whoever may is told so.
    does: "adds a gossip key",
    at: "gateway",
    call: { method: "POST", path: "/v1/operator/keyring", body: { Key: "" } },
    may: ["management"],
  },
  {
    does: "lists ACL policies",
    at: "gateway",
    call: { method: "GET", path: "/v1/acl/policies" },
    may: ["backup", "management"],
  },
  {
    does: "makes an ACL token",
    at: "gateway",
    call: { method: "PUT", path: "/v1/acl/token", body: { Description: "access-test" } },
    may: ["backup", "management"],
  },
  {
    // No archive: whoever may is told so, before anything is replaced.
    does: "restores a snapshot",
    at: "gateway",
    call: { method: "PUT", path: "/v1/snapshot" },
    may: ["backup", "management"],
  },
];
