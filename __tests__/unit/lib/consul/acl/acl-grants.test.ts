import { readCatalog } from "../../../../../lib/catalog/read-catalog.js";
import { type Grant, grantsFor } from "../../../../../lib/consul/acl/acl-grants.js";
import { renderAclRules } from "../../../../../lib/consul/acl/acl-rules.js";

const { services } = readCatalog("service-catalog");
const grants = grantsFor({ services, dynamic: [{ team: "t", name: "worker_service" }] });

/** The lines of a grant's rules. */
const linesOf = (grant: Grant): readonly string[] => renderAclRules(grant.rules).split("\n");
const all = (resource: string, access: string) => `${resource} "" { policy = "${access}" }`;

test("a request without a token reads nodes and services", () => {
  expect(linesOf(grants.anonymous)).toEqual([all("node_prefix", "read"), all("service_prefix", "read")]);
});

test("the shared agent writes its own node and no other", () => {
  expect(linesOf(grants.agent)).toEqual([
    'node "consul-agent-shared" { policy = "write" }',
    all("node_prefix", "read"),
    all("service_prefix", "read"),
  ]);
});

test("registration is for exactly the declared names", () => {
  const names = services.map(({ name }) => name).sort();
  expect(names).toHaveLength(40);
  expect(linesOf(grants.registration)).toEqual(names.map((name) => `service "${name}" { policy = "write" }`));
});

test("a name that is not declared cannot be registered, nor one that begins like a declared one", () => {
  const [billing] = services.filter(({ name }) => name === "billing_service");
  if (billing === undefined) throw new Error("billing_service is not declared");
  expect(grantsFor({ services: [billing], dynamic: [] }).registration.rules).toEqual({
    service: { billing_service: "write" },
  });
});

test("services that know no token may write exactly the declared names, and nothing else", () => {
  expect(grants.legacy.rules).toEqual(grants.registration.rules);
});

test("instances that come and go may register themselves under the names declared as dynamic, and no other", () => {
  expect(linesOf(grants.dynamic)).toEqual([
    all("node_prefix", "read"),
    'service "worker_service" { policy = "write" }',
    all("service_prefix", "read"),
  ]);
});

test("a service may report on itself where it has a ttl check, and no other may", () => {
  const [first, second] = services;
  if (first === undefined || second === undefined) throw new Error("nothing is declared");
  const silent = { ...first, checks: [...first.checks, { name: "ttl", check: { kind: "ttl" as const, ttl: "30s" } }] };
  expect(linesOf(grantsFor({ services: [silent, second], dynamic: [] }).heartbeat)).toEqual([
    all("node_prefix", "read"),
    `service "${first.name}" { policy = "write" }`,
    all("service_prefix", "read"),
  ]);
  expect(linesOf(grants.heartbeat)).toEqual([all("node_prefix", "read"), all("service_prefix", "read")]);
});

test("with nothing declared nothing can be registered", () => {
  expect(renderAclRules(grantsFor({ services: [], dynamic: [] }).registration.rules)).toBe("");
});

test("the registrar reads the catalog's keys alone and writes none", () => {
  expect(linesOf(grants.registrar)).toEqual([
    'key_prefix "catalog/" { policy = "read" }',
    all("node_prefix", "read"),
    all("service_prefix", "write"),
  ]);
});

test("Prometheus reads agents and nothing else", () => {
  expect(linesOf(grants.metrics)).toEqual([all("agent_prefix", "read")]);
});

test("applications find services, and write nothing", () => {
  expect(linesOf(grants.discovery)).toEqual([
    all("node_prefix", "read"),
    all("query_prefix", "read"),
    all("service_prefix", "read"),
  ]);
});

test("an operator works on agents and raft, and writes no service, no key and no ACL", () => {
  expect(linesOf(grants.operator)).toEqual([
    all("agent_prefix", "write"),
    'key_prefix "catalog/" { policy = "read" }',
    all("node_prefix", "read"),
    'operator = "write"',
    all("service_prefix", "read"),
  ]);
});

test("nobody gets rights on ACLs but who takes snapshots, and each grant says whose it is", () => {
  const withAcl = Object.entries<Grant>(grants).filter(([, { rules }]) => rules.acl !== undefined);
  expect(withAcl.map(([name]) => name)).toEqual(["backup"]);
  for (const grant of Object.values<Grant>(grants)) expect(grant.description).not.toBe("");
});
