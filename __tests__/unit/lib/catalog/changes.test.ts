import { changesBetween, sentence } from "../../../../lib/catalog/changes.js";
import { declaredBy, NOTHING } from "../../../../lib/catalog/declared.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const of = (...services: string[]) =>
  services.length === 0 ? NOTHING : declaredBy(catalogOf({ "a.yaml": team("team-a", services) }));
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
  [
    "{ port: 8216, check: { kind: tcp, interval: 30s, timeout: 3s } }",
    "-http check; +tcp check: isa-billing:8216, interval 30s, timeout 3s",
  ],
  ["{ port: 8216, check: { header: { X-Probe: a } } }", "check +header X-Probe a"],
  ["{ port: 8216, check: { redirects: true } }", "check redirects refused → followed"],
  ["{ port: 8216, check: { method: POST, body: b } }", "check method GET → POST; check +body b"],
  [
    "{ port: 8216, check: { url: 'http://isa-billing:8216/health' } }",
    'check name "HTTP GET /health" → "HTTP GET http://isa-billing:8216/health"',
  ],
  ["{ port: 8216, failover: [dc2, dc3] }", "failover none → dc2, dc3"],
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

test("of a service that goes its place is told, of one that comes everything that its check asks", () => {
  const plain = "GET http://isa-billing:8216/health, interval 10s, timeout 5s";
  expect(said([], [billing])).toEqual([
    `+ billing_service of team-a added, isa-billing:8216\n    http check: ${plain}`,
  ]);
  expect(said([billing], [])).toEqual(["- billing_service of team-a removed, isa-billing:8216, http check"]);
  const none = "x: { port: 1, check: { kind: none, reason: a batch job } }";
  expect(said([], [none])).toEqual(['+ x of team-a added, isa-x:1, not checked: "a batch job"']);
});

test("of a service that comes nothing is left out: what it asks, what it sends, how it is found", () => {
  const check =
    "{ kind: http, url: 'http://status.example.com/latest/api/token', method: PUT, header: { X-A: b }, body: '{}', interval: 10s, timeout: 5s, failures_before_critical: 2 }";
  const more =
    "tags: [v1], meta: { k: v }, weights: { passing: 5, warning: 1 }, deregister_critical_service_after: never";
  expect(said([], [`x: { port: 1, check: ${check}, ${more}, failover: [dc2] }`])).toEqual([
    [
      "+ x of team-a added, isa-x:1",
      "    http check: PUT http://status.example.com/latest/api/token, interval 10s, timeout 5s, failures_before_critical 2, never deregistered",
      '    http check body "{}"',
      "    http check header X-A b",
      "    tags v1",
      "    meta k v",
      "    weight passing 5",
      "    weight warning 1",
      "    failover dc2",
    ].join("\n"),
  ]);
});

test("what a check does with an answer is told in the platform's words where it differs from the usual", () => {
  const follows = "x: { port: 1, check: { redirects: true } }";
  expect(said([], [follows])).toEqual([
    "+ x of team-a added, isa-x:1; http check: GET http://isa-x:1/health, interval 10s, timeout 5s, redirects followed",
  ]);
  const { definitions } = of("x: { port: 1 }");
  const as = (change: object) => ({
    definitions: definitions.map((each) => ({
      ...each,
      checks: each.checks.map((check) => ({ ...check, ...change })),
    })),
  });
  // As every definition was before the fields were there.
  const before = as({ disable_redirects: undefined, output_max_size: undefined });
  expect(changesBetween(before, { definitions }).map(sentence)).toEqual([
    "x: check redirects followed → refused; check answer published → withheld",
  ]);
  expect(changesBetween({ definitions }, as({ output_max_size: 99 })).map(sentence)).toEqual([
    'x: check answer withheld → "its last 99 bytes"',
  ]);
});

test("of a check by way of the prober the same is told but the answer, which was its own words before", () => {
  const { definitions } = of("x: { port: 1, check: { kind: redis, interval: 10s, timeout: 5s } }");
  const before = definitions.map((each) => ({
    ...each,
    checks: each.checks.map((check) => ({ ...check, disable_redirects: undefined })),
  }));
  expect(changesBetween({ definitions: before }, { definitions }).map(sentence)).toEqual([
    "x: check redirects followed → refused",
  ]);
});

test("what is removed comes first, then what is changed, then what is added", () => {
  const words = said(["gone: { port: 1 }", "b: { port: 2 }"], ["b: { port: 3 }", "a: { port: 4 }"]);
  expect(words.map((each) => each.slice(0, 3))).toEqual(["- g", "b: ", "+ a"]);
});

test("failover is told once for all instances, and of a dynamic service too", () => {
  const two = "instances: [{ id: x1, address: h1 }, { id: x2, address: h2 }]";
  expect(said([`x: { port: 1, ${two} }`], [`x: { port: 1, ${two}, failover: [dc2] }`])).toEqual([
    "x: failover none → dc2",
  ]);
  expect(said(["w: { dynamic: true, failover: [dc2, dc3] }"], ["w: { dynamic: true, failover: [dc3, dc2] }"])).toEqual([
    "w: failover dc2, dc3 → dc3, dc2",
  ]);
  expect(said([], ["w: { dynamic: true, failover: [dc2] }"])).toEqual([
    "+ w of team-a added, its instances register themselves; failover dc2",
  ]);
});

test("a service that moves to another team is told, also where its instances register themselves", () => {
  const both = (first: string, second: string) =>
    declaredBy(
      catalogOf({
        "a.yaml": team("team-a", ["stays: { port: 1 }", first]),
        "b.yaml": team("team-b", ["remains: { port: 2 }", second]),
      }),
    );
  const before = both("x: { port: 3 }", "w: { dynamic: true }");
  const after = both("w: { dynamic: true }", "x: { port: 3 }");
  expect(changesBetween(before, after).map(sentence)).toEqual(["w: team team-b → team-a", "x: team team-a → team-b"]);
});

test("what Consul gets in another order is told: KV holds text", () => {
  expect(said(["x: { port: 1, meta: { a: b, c: d } }"], ["x: { port: 1, meta: { c: d, a: b } }"])).toEqual([
    "x: the same fields, written in another order",
  ]);
});

test("a check with a port of its own follows the service's address, and its port is told", () => {
  const at = (address: string, port: number) => [
    `x: { port: 1, address: ${address}, check: { kind: tcp, port: ${port}, interval: 9s, timeout: 3s } }`,
  ];
  expect(said(at("h", 81), at("i", 81))).toEqual(["x: address h → i"]);
  expect(said(at("h", 81), at("h", 82))).toEqual(["x: check tcp h:81 → h:82"]);
});

test("a check that asks another address by its url is told whole, and one that stays is not told", () => {
  const at = (address: string, url: string) => [
    `x: { port: 1, address: ${address}, check: { url: "http://${url}/health" } }`,
  ];
  expect(said(at("h", "proxy:9/h:1"), at("i", "proxy:9/i:1"))).toEqual([
    "x: address h → i; check http http://proxy:9/h:1/health → http://proxy:9/i:1/health",
  ]);
  expect(said(at("h", "h:1"), at("i", "h:1"))).toEqual(["x: address h → i"]);
});

test("a header that may carry a secret is told without its value, and so is a query", () => {
  const before = of("x: { port: 1 }");
  const asking = (value: string) => ({
    ...before,
    definitions: before.definitions.map((each) => ({
      ...each,
      checks: each.checks.map((check) => ({
        ...check,
        http: `http://isa-x:1/health?token=${value}&a=b`,
        header: { Authorization: [`Bearer ${value}`], "X-Api-Key": [value], "X-Plain": ["seen"] },
      })),
    })),
  });
  const [was, is] = [asking("hunter1"), asking("hunter2")];
  const told = [...changesBetween({}, was), ...changesBetween(was, is), ...changesBetween(was, {})].map(sentence);
  expect(told.join("\n")).not.toMatch(/hunter/);
  expect(told.join("\n")).toContain("http check header Authorization (not shown)");
  expect(told.join("\n")).toContain("http check header X-Plain seen");
  expect(told.join("\n")).toContain("check header X-Api-Key changed, and may be a secret (not shown)");
});

test("what a value holds cannot break out of its line", () => {
  const words = said(["x: { port: 1 }"], ['x: { port: 1, meta: { k: "a\\n+ evil\\t[31m" } }']);
  expect(words).toEqual(['x: meta +k "a\\n+ evil\\t[31m"']);
});

test("what a value holds cannot be pushed out of sight, nor cut unseen", () => {
  const header = (value: string) => [`x: { port: 1, check: { header: { X-A: "${value}" } } }`];
  expect(said(header("a"), header(`a${" ".repeat(400)}b`))).toEqual(['x: check header X-A a → "a (400 spaces) b"']);
  const [long = ""] = said(header("a"), header(`${"b".repeat(600)}c`));
  expect(long).toMatch(/^x:\n {4}check header X-A a → b{200}… \(601 characters, sha256 [0-9a-f]{8}\)$/);
  expect(said(header(`${"b".repeat(600)}c`), header(`${"b".repeat(600)}d`))).toHaveLength(1);
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
    "+ x/c of team-a added, j:1\n    http check: GET http://j:1/health, interval 10s, timeout 5s\n    port check: j:1, interval 30s, timeout 3s",
  ]);
  const slower = before.map((line) => line.replace("30s", "60s"));
  expect(said(before, slower)).toEqual(["x/a: port check interval 30s → 60s", "x/b: port check interval 30s → 60s"]);
});

test("a dynamic service that comes or goes is told by its name; of what was applied the team is not known", () => {
  const between = (
    before: readonly { name: string; team: string }[],
    after: readonly { name: string; team: string }[],
  ) => changesBetween({ dynamic: before }, { dynamic: after }).map(sentence);
  expect(between([{ name: "old_worker", team: "" }], [{ name: "worker", team: "t" }])).toEqual([
    "- old_worker removed, its instances register themselves",
    "+ worker of t added, its instances register themselves",
  ]);
  expect(between([{ name: "worker", team: "" }], [{ name: "worker", team: "t" }])).toEqual([]);
});
