import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resourcesOf, stackOf, synthPlatform } from "./synth-app.js";

const LINES = [
  "team: team-a",
  'defaults: { address: "isa-{name}", check: { kind: tcp, interval: 30s, timeout: 3s }, failover: [dc2] }',
  "services:",
  "  one_service: { instances: [{ id: one, port: 1 }, { id: two, port: 2 }] }",
  "  two_service: { port: 3, failover: [dc3, dc2] }",
  "  worker_service: { dynamic: true }",
];
const folder = mkdtempSync(join(tmpdir(), "rollcall-queries-"));
writeFileSync(join(folder, "a.yaml"), LINES.join("\n"));
const declared = synthPlatform({ ROLLCALL_CATALOG: folder });
rmSync(folder, { recursive: true });
const seed = synthPlatform();

const entriesOf = (platform: typeof seed, type: string) =>
  Object.values(resourcesOf(stackOf(platform, "queries"), type));

test("each service of the seed has a query under a name that DNS can ask for, and no failover", () => {
  const queries = entriesOf(seed, "consul_prepared_query");
  expect(queries).toHaveLength(40);
  expect(queries).toContainEqual(expect.objectContaining({ name: "billing-service", service: "billing_service" }));
  for (const { name } of queries) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(entriesOf(seed, "consul_config_entry")).toEqual([]);
});

test("a service with several instances has one query, and a dynamic one has one as well", () => {
  const names = entriesOf(declared, "consul_prepared_query").map(({ name }) => name);
  expect(names).toEqual(["one-service", "two-service", "worker-service"]);
});

test("declared failover is tried by the query in its order, and by the resolver of a mesh", () => {
  expect(entriesOf(declared, "consul_prepared_query").map(({ failover }) => failover)).toEqual([
    { datacenters: ["dc2"] },
    { datacenters: ["dc3", "dc2"] },
    { datacenters: ["dc2"] },
  ]);
  expect(entriesOf(declared, "consul_config_entry")).toContainEqual(
    expect.objectContaining({
      kind: "service-resolver",
      name: "two_service",
      config_json: '{"Failover":{"*":{"Datacenters":["dc3","dc2"]}}}',
    }),
  );
});

test("of a dynamic service nothing is put into KV, and its name alone may be registered with the token for it", () => {
  expect(stackOf(declared, "registry").text).not.toContain("worker_service");
  const rules = Object.values(resourcesOf(stackOf(declared, "access"), "consul_acl_policy")).map(({ name, rules }) => [
    name,
    /worker_service/.test(String(rules)),
  ]);
  expect(rules.filter(([, named]) => named)).toEqual([["rollcall-dynamic", true]]);
});
