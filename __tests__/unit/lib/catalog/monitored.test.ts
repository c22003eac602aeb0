import { changesBetween, sentence } from "../../../../lib/catalog/changes.js";
import { declaredBy } from "../../../../lib/catalog/declared.js";
import { monitoredOf } from "../../../../lib/catalog/monitored.js";
import { milliseconds } from "../../../../lib/catalog/monitored-fields.js";
import { seesFastBurn } from "../../../../lib/catalog/slo.js";
import { catalogOf, faultsOf, team } from "../../../support/catalog-helpers.js";

const read = (services: readonly string[], defaults: readonly string[] = []) =>
  catalogOf({ "a.yaml": team("t", services, defaults) });
const ALL =
  'alert: page, slo: 99.9, latency: 300ms, owner: "payments@example.com", runbook: "https://wiki.example.com/x", metrics: /metrics';
const OWN_METRICS = {
  path: "/metrics",
  duration: "http_server_request_duration_seconds",
  status: "http_response_status_code",
};

test("a service says what it says for those who watch it, over its team's word", () => {
  const [x, y] = read([`x: { port: 1, ${ALL} }`, "y: { port: 2 }"], ["alert: none", "slo: 95.5"]).services;
  expect(monitoredOf(x ?? {})).toEqual({
    alert: "page",
    slo: 99.9,
    latency: "300ms",
    owner: "payments@example.com",
    runbook: "https://wiki.example.com/x",
    metrics: OWN_METRICS,
  });
  expect(monitoredOf(y ?? {})).toEqual({ alert: "none", slo: 95.5 });
});

test("metrics of other names are taken, also those of one alone", () => {
  const [x] = read(["x: { port: 1, metrics: { path: /m, duration: http_seconds } }"]).services;
  expect(x?.metrics).toEqual({ ...OWN_METRICS, path: "/m", duration: "http_seconds" });
});

test("a service whose instances register themselves is watched too, but not probed", () => {
  expect(read(["x: { dynamic: true, alert: page, slo: 99 }"], ["latency: 1s"]).dynamic).toEqual([
    { team: "t", name: "x", alert: "page", slo: 99 },
  ]);
  expect(faultsOf({ "a.yaml": team("t", ["x: { dynamic: true, latency: 1s }"]) })).toEqual([
    expect.stringContaining("x.latency stands beside dynamic"),
  ]);
});

test("what a team asks of all is not asked of a service whose checks cannot tell", () => {
  const [x] = read(["x: { port: 1, check: { kind: none, reason: a job } }"], ["slo: 99", "latency: 1s"]).services;
  expect(monitoredOf(x ?? {})).toEqual({});
});

test.each([
  ["alert: wake", '24: x.alert is "wake"; write page, ticket or none'],
  ["slo: 100", "22: x.slo is 100; write a percentage from 50"],
  ["slo: 99.9999", "22: x.slo is 99.9999; write a percentage from 50"],
  ['slo: "99.9"', '22: x.slo is "99.9"; write a percentage from 50'],
  ["slo: 10", "22: x.slo is 10; write a percentage from 50"],
  ["latency: 0ms", '26: x.latency is "0ms"; write a duration from 1ms to 60s'],
  ["latency: 61s", '26: x.latency is "61s"; write a duration from 1ms to 60s'],
  ["latency: 5", "26: x.latency is the number 5; write a duration from 1ms to 60s"],
  ['owner: ""', '24: x.owner is ""; write who answers for it'],
  ['runbook: "wiki/x"', '26: x.runbook is "wiki/x"; write the address of a page'],
  ['runbook: "https://me:pw@wiki.example.com/"', "26: x.runbook is "],
  ['runbook: "https://wiki.example.com/?token=abcdef0123456789abcdef"', "26: x.runbook carries a secret"],
  ["metrics: metrics", '26: x.metrics is "metrics"; write a path that begins with /'],
  ["metrics: { path: /m, latency: x }", "38: x.metrics.latency is not a field; write one of path, duration, status"],
  ["alert: page, slo: 99.9, alerts: page", "41: x.alerts is not a field; did you mean alert?"],
  [
    "slo: 99, check: { kind: none, reason: a job }",
    "22: x.slo is there, and nothing checks the service: it would always be kept; leave it out",
  ],
  [
    "latency: 1s, check: { kind: ttl, ttl: 9s }",
    "26: x.latency is there, and no check asks the service: none is timed; leave it out",
  ],
])("%s is refused", (fields, expected) => {
  expect(faultsOf({ "a.yaml": team("t", [`x: { port: 1, ${fields} }`]) })).toEqual([
    expect.stringContaining(`a.yaml:6:${expected}`),
  ]);
});

test.each([
  [99.9, "10s", true],
  [99.95, "10s", false],
  [99.95, "8s", true],
  [99.999, "1s", false],
])("with an slo of %d and a check every %s, the fastest burn is seen: %s", (slo, interval, sees) => {
  const [x] = read([`x: { port: 1, slo: ${slo}, check: { interval: ${interval}, timeout: 1s } }`]).services;
  expect(x && seesFastBurn(x)).toBe(sees);
});

test("latencies are counted in milliseconds", () => {
  expect(["300ms", "2s"].map(milliseconds)).toEqual([300, 2000]);
});

test("every field is told when it changes, once a service, and nothing else is", () => {
  const instances = "instances: [{ id: x1, address: h1 }, { id: x2, address: h2 }]";
  const said = (was: string, is: string) =>
    changesBetween(declaredBy(read([was])), declaredBy(read([is]))).map(sentence);
  const bare = `x: { port: 1, ${instances} }`;
  const full = `x: { port: 1, ${instances}, ${ALL} }`;
  expect(said(bare, full)).toEqual([
    [
      "x:",
      "    +alert page",
      "    +slo 99.9",
      "    +latency 300ms",
      "    +owner payments@example.com",
      "    +runbook https://wiki.example.com/x",
      `    +metrics ${JSON.stringify(OWN_METRICS)}`,
    ].join("\n"),
  ]);
  expect(said(full, full.replace("99.9", "99.5").replace("page", "ticket"))).toEqual([
    "x: alert page → ticket; slo 99.9 → 99.5",
  ]);
  expect(said(full, full)).toEqual([]);
  expect(said("y: { port: 2 }", "x: { port: 1, alert: page }")[1]).toMatch(/^\+ x of t added, .*alert page$/s);
});
