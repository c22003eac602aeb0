import { execFileSync } from "node:child_process";
import { renderDefinition } from "../../../../lib/catalog/definition.js";
import { quoted } from "../../../../ops/cli/quoted.js";
import type { LiveInstance } from "../../../../ops/consul/api/catalog.js";
import type { LiveCheck } from "../../../../ops/consul/api/health.js";
import { faultsOf } from "../../../../ops/verbs/audit.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const catalog = catalogOf({ "a.yaml": team("t", ["x: { port: 1 }", "y: { port: 2, instances: [{ id: y-1 }] }"]) });
const live: readonly LiveInstance[] = catalog.services.map((service) => {
  const { id, name, address, port, tags, meta } = renderDefinition(service);
  return { node: "consul-agent-shared", id, name, address, port, tags, meta };
});
const [x, y] = live as [LiveInstance, LiveInstance];
const consul = { ...x, node: "consul-server-1", id: "consul", name: "consul" };
const ttl = (node: string, serviceId: string): LiveCheck => ({
  node,
  serviceId,
  type: "ttl",
  status: "passing",
  output: "",
});
const found = (
  instances: readonly LiveInstance[],
  checks: readonly LiveCheck[] = [],
  applied: readonly { id: string }[] = catalog.services,
) =>
  faultsOf(catalog, applied, instances, checks, { prefix: "two-", httpPort: 9500 }).map(({ service, what, mend }) => [
    service,
    what,
    mend,
  ]);
const dereg = (node: string, id: string) =>
  `CONSUL_HTTP_TOKEN="$(npx rollcall token management)" docker exec -e CONSUL_HTTP_TOKEN two-${node} consul services deregister -id=${id}`;

test("what is as declared is no fault, and neither is Consul itself", () => {
  expect(found([...live, consul])).toEqual([]);
});

test("what is missing and what differs is mended by up", () => {
  expect(found([{ ...x, port: 9, tags: ["old"] }])).toEqual([
    ["x", "port is 9 in Consul, and declared 1", "npx rollcall up"],
    ["x", 'tags is ["old"] in Consul, and declared []', "npx rollcall up"],
    ["y/y-1", "declared, but consul-agent-shared does not have it", "npx rollcall up"],
  ]);
});

test("a service that registered itself with a heartbeat is told with where, and taken away there", () => {
  const self = { ...x, node: "consul-server-2", id: "x-isa-x-1" };
  expect(found([...live, self], [ttl("consul-server-2", "x-isa-x-1")])).toEqual([
    [
      "x",
      "registered once more as x-isa-x-1 on consul-server-2, at isa-x:1, by the service itself, with a TTL heartbeat",
      dereg("consul-server-2", "x-isa-x-1"),
    ],
  ]);
});

test("one that took a declared id at a server is a second one too", () => {
  expect(found([...live, { ...y, node: "consul-server-1" }])).toEqual([
    ["y", "registered once more as y-1 on consul-server-1, at isa-y:2, over the API", dereg("consul-server-1", "y-1")],
  ]);
});

test("what was applied and is declared no more is mended by up: its registrar would put it back", () => {
  const old = { ...x, id: "old", name: "old" };
  expect(found([...live, old], [], [{ id: "old" }])).toEqual([
    [
      "old",
      "not declared, but registered as old on consul-agent-shared, by the agent definition of an earlier catalog, which no file declares any more",
      "npx rollcall up",
    ],
  ]);
});

test("what nobody declared is told, and on a node that is not ours it is taken from the catalog", () => {
  const [[service, what, mend] = []] = found([...live, { ...x, node: "elsewhere", id: "z", name: "z" }]);
  expect([service, what]).toEqual(["z", "not declared, but registered as z on elsewhere, at isa-x:1, over the API"]);
  expect(mend).toMatch(
    /^echo "X-Consul-Token: .* \| curl -X PUT -H @- .* http:\/\/localhost:9500\/v1\/catalog\/deregister$/,
  );
});

test.each(["plain-1.x", "a b", "it's", '$(id) `id` "x"', "a;b"])("an id %j is one word for a shell", (id) => {
  expect(execFileSync("sh", ["-c", `printf %s ${quoted(id)}`], { encoding: "utf8" })).toBe(id);
});
