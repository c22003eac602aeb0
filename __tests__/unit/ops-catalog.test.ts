import { kvValue } from "../../lib/catalog/definition";
import { lint, list, render, show } from "../../ops/catalog";
import { catalogOf, team } from "./catalog-helpers";

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
  const [declared, key, query, ...json] = show(two, "billing_service").split("\n");
  expect(declared).toMatch(/^billing_service, declared by team-a in .*a\.yaml$/);
  expect(key).toBe("in Consul KV under catalog/team-a/billing_service");
  expect(query).toBe("prepared query billing-service.query.consul: instances here, no failover");
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
  ["zzzzzzzzzzzz", "`npm run catalog -- list` names them all."],
])("show of the unknown %j says what to do", (name, remedy) => {
  expect(() => show(two, name)).toThrow(expect.objectContaining({ remedy }));
});

test("render is one Consul configuration file with every service", () => {
  const { services } = JSON.parse(render(two));
  expect(services).toEqual(two.services.map((service) => JSON.parse(kvValue(service))));
});
