import { changesBetween, definitionsOf, dynamicChanges, sentence } from "../../lib/catalog/changes";
import { catalogOf, team } from "./catalog-helpers";

const of = (...services: string[]) =>
  services.length === 0 ? [] : definitionsOf(catalogOf({ "a.yaml": team("team-a", services) }));
const said = (before: readonly string[], after: readonly string[]) =>
  changesBetween(of(...before), of(...after)).map(sentence);
const billing = "billing_service: { port: 8216 }";

test("equal catalogs do not differ, in whatever order", () => {
  expect(said([billing, "x: { port: 1 }"], ["x: { port: 1 }", billing])).toEqual([]);
});

test.each([
  ["{ port: 8217 }", "port 8216 → 8217"],
  ["{ port: 8217, check: { interval: 6s } }", "port 8216 → 8217; check interval 10s → 6s"],
  ["{ port: 8216, address: other }", "address isa-billing → other"],
  ["{ port: 8216, tags: [v2] }", "tags +v2"],
  ["{ port: 8216, meta: { owner: ann } }", "meta +owner ann"],
  [
    "{ port: 8216, check: { path: /ready } }",
    "check http http://isa-billing:8216/health → http://isa-billing:8216/ready",
  ],
  ["{ port: 8216, check: { success_before_passing: 2 } }", "check +success_before_passing 2"],
  ["{ port: 8216, check: { kind: tcp, interval: 30s, timeout: 3s } }", "-http check; +tcp check"],
  ["{ port: 8216, check: { kind: none, reason: r } }", "-http check"],
  ["{ port: 8216, deregister_critical_service_after: never }", "check -deregister_critical_service_after"],
])("a service that becomes %s is told as %s", (after, words) => {
  expect(said([billing], [`billing_service: ${after}`])).toEqual([`billing_service: ${words}`]);
});

test("tags and meta that go are told as going, and a new order of tags as that", () => {
  const before = "x: { port: 1, tags: [a, b], meta: { k: v } }";
  expect(said([before], ["x: { port: 1, tags: [b] }"])).toEqual(["x: tags -a; meta -k"]);
  expect(said([before], ["x: { port: 1, tags: [b, a], meta: { k: w } }"])).toEqual([
    "x: tags in another order; meta k v → w",
  ]);
});

test("a service that comes or goes is told with its team and place", () => {
  expect(said([], [billing])).toEqual(["+ billing_service of team-a added, isa-billing:8216, http check"]);
  expect(said([billing], [])).toEqual(["- billing_service of team-a removed, isa-billing:8216, http check"]);
});

test("what a value holds cannot break out of its line", () => {
  const words = said(["x: { port: 1 }"], ['x: { port: 1, meta: { k: "a\\n+ evil\\u001b[31m" } }']);
  expect(words).toEqual(['x: meta +k "a\\n+ evil\\u001b[31m"']);
});

test("an instance is told by its id, with its weights, and each check by its name", () => {
  const checks = "checks: { port: { kind: tcp, interval: 30s, timeout: 3s } }";
  const router = (second: string) => [`x: { port: 1, ${checks}, instances: [{ id: a, address: h }, ${second}] }`];
  const before = router("{ id: b, address: i, weights: { passing: 1, warning: 1 } }");
  expect(said(before, router("{ id: b, address: i, weights: { passing: 9, warning: 1 } }"))).toEqual([
    "x/b: weight passing 1 → 9",
  ]);
  expect(said(before, router("{ id: c, address: j }"))).toEqual([
    "- x/b of team-a removed, i:1, http check and port check",
    "+ x/c of team-a added, j:1, http check and port check",
  ]);
  const slower = before.map((line) => line.replace("30s", "60s"));
  expect(said(before, slower)).toEqual(["x/a: port check interval 30s → 60s", "x/b: port check interval 30s → 60s"]);
});

test("a dynamic service that comes or goes is told by its name; of what was applied the team is not known", () => {
  const changes = dynamicChanges([{ name: "old_worker", team: "" }], [{ name: "worker", team: "t" }]);
  expect(changes.map(sentence)).toEqual([
    "+ worker of t added, its instances register themselves",
    "- old_worker removed, its instances register themselves",
  ]);
  expect(dynamicChanges([{ name: "worker", team: "" }], [{ name: "worker", team: "t" }])).toEqual([]);
});
