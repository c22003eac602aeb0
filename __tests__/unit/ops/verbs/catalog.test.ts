import { kvValue } from "../../../../lib/catalog/definition.js";
import { listJson, showJson } from "../../../../ops/verbs/catalog/as-json.js";
import { list, render, show } from "../../../../ops/verbs/catalog/in-words.js";
import { lint } from "../../../../ops/verbs/catalog/lint.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const two = catalogOf({
  "a.yaml": team("team-a", ["billing_service: { port: 8216, tags: [paid] }"]),
  "b.yaml": team("team-b", [
    "nightly: { port: 8300, check: { kind: none, reason: runs at night } }",
    "stream_service: { port: 8301, check: { kind: tcp, interval: 30s, timeout: 3s } }",
  ]),
});

test("lint says how much it has read", () => {
  expect(lint(two)).toBe("3 services of 2 teams, no mistake");
  expect(lint(catalogOf({ "a.yaml": team("team-a", ["x: { port: 1 }"]) }))).toBe("1 service of 1 team, no mistake");
});

test("list has a line a service, in columns, with what checks it", () => {
  expect(list(two).split("\n")).toEqual([
    "billing_service  team-a  isa-billing:8216  http GET /health every 10s, within 5s",
    "nightly          team-b  isa-nightly:8300  none: runs at night",
    "stream_service   team-b  isa-stream:8301   tcp every 30s, within 3s",
  ]);
});

test("show tells who declares a service, where, and what Consul gets", () => {
  const [declared, key, query, watched, ...json] = show(two, "billing_service").split("\n");
  expect(declared).toMatch(/^billing_service, declared by team-a in .*a\.yaml$/);
  expect(key).toBe("in Consul KV under catalog/team-a/billing_service");
  expect(query).toBe("prepared query billing-service.query.consul: instances here, no failover");
  expect(watched).toBe("alert ticket");
  expect(JSON.parse(json.join("\n"))).toEqual(JSON.parse(kvValue(two.services[0] as never)));
});

test("show tells where a service is looked for besides, also one whose instances register themselves", () => {
  const one = (line: string) => show(catalogOf({ "a.yaml": team("team-a", [line]) }), "cart_service");
  const told = "prepared query cart-service.query.consul: instances here, then in dc2, dc3";
  expect(one("cart_service: { port: 9301, failover: [dc2, dc3] }")).toContain(`\n${told}\n`);
  expect(one("cart_service: { dynamic: true, failover: [dc2, dc3] }")).toContain(`\n${told}`);
});

test("list writes an IPv6 address in brackets", () => {
  expect(list(catalogOf({ "a.yaml": team("team-a", ['x: { port: 1, address: "2001:db8::1" }']) }))).toContain(
    "[2001:db8::1]:1",
  );
});

test("show says why nothing checks a service", () => {
  expect(show(two, "nightly")).toContain("\nnot checked: runs at night\n");
});

test.each([
  ["billing_servise", "Did you mean billing_service?"],
  ["stream", "Did you mean stream_service?"],
  ["zzzzzzzzzzzz", "`npx rollcall catalog list` names them all."],
])("show of the unknown %j says what to do", (name, remedy) => {
  expect(() => show(two, name)).toThrow(expect.objectContaining({ remedy }));
});

test("render is one Consul configuration file with every service", () => {
  const { services } = JSON.parse(render(two));
  expect(services).toEqual(two.services.map((service) => JSON.parse(kvValue(service))));
});

const BILLING = {
  name: "billing_service",
  team: "team-a",
  file: expect.stringMatching(/a\.yaml$/),
  dynamic: false,
  prepared_query: "billing-service.query.consul",
  failover: ["dc2"],
  monitored: { alert: "page", slo: 99.9, owner: "ann" },
  instances: [
    {
      id: "billing_service",
      kv_key: "catalog/team-a/billing_service",
      address: "isa-billing",
      port: 8216,
      tags: ["paid"],
      meta: { owner: "ann" },
      weights: { passing: 1, warning: 1 },
      checks: [{ name: "http", kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" }],
      deregister_critical_service_after: "90s",
    },
  ],
};
const CART = {
  name: "cart",
  team: "team-a",
  file: expect.stringMatching(/a\.yaml$/),
  dynamic: true,
  prepared_query: "cart.query.consul",
  failover: [],
  monitored: { alert: "ticket" },
  instances: [],
};
const mixed = catalogOf({
  "a.yaml": team("team-a", [
    "billing_service: { port: 8216, tags: [paid], meta: { owner: ann }, failover: [dc2], alert: page, slo: 99.9, owner: ann }",
    "cart: { dynamic: true }",
    "router: { port: 8002, instances: [{ id: router-eu, address: eu.example.com }, { id: router-us, address: us.example.com }] }",
  ]),
});

test("list --json has an object a service, with every default filled in", () => {
  const [billing, router, cart, ...more] = listJson(mixed);
  expect([billing, cart, more]).toEqual([BILLING, CART, []]);
  expect(router?.instances.map(({ id, port }) => [id, port])).toEqual([
    ["router-eu", 8002],
    ["router-us", 8002],
  ]);
});

test("show --json is the service as list --json has it, with what Consul gets of each instance", () => {
  const { instances, ...service } = showJson(mixed, "billing_service");
  const [{ definition, ...instance } = {}] = instances;
  expect({ ...service, instances: [instance] }).toEqual(BILLING);
  expect(definition).toEqual(JSON.parse(kvValue(mixed.services[0] as never)));
  expect(showJson(mixed, "router-us").instances.map(({ id }) => id)).toEqual(["router-us"]);
  expect(showJson(mixed, "cart")).toEqual(CART);
});

test("show --json of an unknown service says what was meant, as show does", () => {
  expect(() => showJson(mixed, "billing_servise")).toThrow(
    expect.objectContaining({ remedy: "Did you mean billing_service?" }),
  );
});
