import { renderDefinition } from "../../../../lib/catalog/definition.js";
import type { Catalog, Service } from "../../../../lib/catalog/types.js";
import type { LiveInstance } from "../../../../ops/consul/api/catalog.js";
import type { LiveCheck } from "../../../../ops/consul/api/health.js";
import { describeFindings, isGood } from "../../../../ops/platform/until-services-pass.js";
import { comparable, compare, type Finding } from "../../../../ops/report/compare.js";

const billing: Service = {
  team: "user-platform",
  name: "billing_service",
  id: "billing_service",
  address: "isa-billing",
  port: 8216,
  tags: ["v1"],
  meta: { version: "1.0.0" },
  checks: [{ name: "http", check: { kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" } }],
  deregisterCriticalServiceAfter: "90s",
};
const catalog: Catalog = {
  teams: [{ name: "user-platform", file: "user-services.yaml", services: [billing] }],
  services: [billing],
  dynamic: [],
};
const { tags, meta } = renderDefinition(billing);
const live: LiveInstance = {
  node: "consul-agent-shared",
  id: "billing_service",
  name: "billing_service",
  address: "isa-billing",
  port: 8216,
  tags,
  meta,
};
const check = (status: string, serviceId = "billing_service"): LiveCheck => ({
  node: "consul-agent-shared",
  serviceId,
  status,
  type: "http",
  output: "connection refused\n",
});

function findings(instances: readonly LiveInstance[], checks: readonly LiveCheck[] = [check("passing")]) {
  return compare(catalog, instances, checks).map(({ name, standing, why }) => [name, standing, why]);
}

test("a service that is as declared and passes its check passes", () => {
  expect(findings([live])).toEqual([["billing_service", "passing", ""]]);
});

test("a service that Consul does not have is missing", () => {
  expect(findings([])).toEqual([["billing_service", "missing", "Consul does not have it"]]);
});

test("a service without its declared check does not pass, though its node does", () => {
  expect(findings([live], [check("passing", "")])).toEqual([
    ["billing_service", "differs", "Consul does not have its check"],
  ]);
});

test("a service whose check fails is critical, with what the check said", () => {
  expect(findings([live], [check("critical")])).toEqual([["billing_service", "critical", "connection refused"]]);
});

test("a service whose check warns is a warning, which is no failure", () => {
  const found = compare(catalog, [live], [check("warning")]);
  expect(found.map(({ standing }) => standing)).toEqual(["warning"]);
  expect(isGood({ findings: found, refusals: [] })).toBe(true);
});

test("a service on a node that is down is critical, whatever its own check says", () => {
  expect(findings([live], [check("passing"), check("critical", "")])).toEqual([
    ["billing_service", "critical", "connection refused"],
  ]);
});

test("a service that is registered on two nodes is twice there, each place named", () => {
  expect(findings([live, { ...live, node: "elsewhere" }])).toEqual([
    ["billing_service", "twice", "registered on consul-agent-shared as billing_service, elsewhere as billing_service"],
  ]);
});

test.each([
  [{ port: 8217 }, "port is not 8216"],
  [{ address: "isa-other" }, 'address is not "isa-billing"'],
  [{ tags: ["v2"] }, 'tags is not ["v1"]'],
  [{ node: "elsewhere" }, 'node is not "consul-agent-shared"'],
  [{ name: "other_service" }, 'name is not "billing_service"'],
])("a service that differs in %j differs", (change, why) => {
  const instance = { ...live, ...change };
  const checks = [{ ...check("passing"), node: instance.node }];
  expect(findings([instance], checks)).toEqual([["billing_service", "differs", why]]);
});

test("a service that is there under another id alone differs, as the registrar does not keep that one", () => {
  const instance = { ...live, id: "billing-1" };
  expect(findings([instance], [check("passing", "billing-1")])).toEqual([
    ["billing_service", "differs", 'id is not "billing_service"'],
  ]);
});

test("an instance under an id that another service declares is told as a second one of the service whose name it has", () => {
  const order = { ...billing, name: "order_service", id: "order_service" };
  const both = { ...catalog, services: [billing, order] };
  const [ofOrder, stray] = [
    { ...live, id: order.id, name: order.name },
    { ...live, node: "elsewhere", name: order.name },
  ];
  const found = compare(both, [live, ofOrder, stray], [check("passing"), check("passing", order.id)]);
  expect(found.map(({ standing, why }) => [standing, why])).toEqual([
    ["passing", ""],
    ["twice", "registered on consul-agent-shared as order_service, elsewhere as billing_service"],
  ]);
});

test("each check of a node counts for its services", () => {
  expect(findings([live], [check("passing"), check("passing", ""), check("critical", "")])).toEqual([
    ["billing_service", "critical", "connection refused"],
  ]);
});

test("the order of the meta's pairs is no difference", () => {
  const turned = Object.fromEntries(Object.entries(meta).reverse());
  expect(findings([{ ...live, meta: turned }])).toEqual([["billing_service", "passing", ""]]);
});

test("what nobody declared is extra, Consul's own service is not", () => {
  const stranger = { ...live, id: "x-1", name: "x_service" };
  const consul = { ...live, node: "consul-server-1", id: "consul", name: "consul" };
  expect(findings([live, stranger, consul]).slice(1)).toEqual([
    ["x_service", "extra", "registered on consul-agent-shared as x-1, but no catalog file declares it"],
  ]);
});

test("the report has a line a team, then what is wrong, then what was refused", () => {
  const wrong: Finding = {
    name: "billing_service",
    team: "user-platform",
    standing: "missing",
    why: "Consul does not have it",
  };
  const refusals = [{ key: "catalog/x/y", reason: "broken JSON" }];
  const lines = describeFindings(catalog, { findings: [wrong], refusals }).split("\n");
  expect(lines).toEqual([
    "user-platform    0 of   1  1 not passing",
    "missing   billing_service: Consul does not have it",
    "refused   catalog/x/y: broken JSON",
  ]);
  expect(isGood({ findings: [], refusals })).toBe(false);
  expect(isGood({ findings: [wrong], refusals: [] })).toBe(false);
});

test("of many refusals and foreign services a few are named, of declared ones as many as are asked for", () => {
  const findings = (["missing", "extra"] as const).flatMap((standing) =>
    Array.from({ length: 8 }, (_, index): Finding => ({ name: `${standing}_${index}`, team: "", standing, why: "" })),
  );
  const refusals = Array.from({ length: 1524 }, (_, index) => ({ key: `catalog/x/${index}`, reason: "broken" }));
  const named = (text: string, what: RegExp) => text.match(what)?.length;
  const few = describeFindings(catalog, { findings, refusals });
  expect([named(few, /missing_/g), named(few, /extra_/g), named(few, /catalog\/x/g)]).toEqual([5, 5, 5]);
  expect(few).toContain("and 1519 more: `npx rollcall status --json` has all");
  expect(named(describeFindings(catalog, { findings, refusals }, Number.POSITIVE_INFINITY), /missing_/g)).toBe(8);
});

test("with ROLLCALL_COEXIST=on what a service registered by itself is not compared, an undeclared one is all the same", () => {
  const self = { ...live, node: "consul-server-1", id: "billing_service-old" };
  const stranger = { ...self, name: "other_service" };
  const all = [live, self, stranger];
  expect(comparable({ coexist: true }, catalog, all)).toEqual([live, stranger]);
  expect(comparable({ coexist: false }, catalog, all)).toEqual(all);
});

test("the instances of a dynamic service come and go without being extra", () => {
  const worker = { ...live, name: "worker_service", id: "worker-1" };
  const declared = { ...catalog, dynamic: [{ team: "t", name: "worker_service" }] };
  expect(comparable({ coexist: false }, declared, [live, worker])).toEqual([live]);
});
