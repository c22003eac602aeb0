import {
  passedTargets,
  renderApplicationMetrics,
} from "../../../../../lib/consul/monitoring/application-metrics-config.js";
import { catalogOf, team } from "../../../../support/catalog-helpers.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const { services } = catalogOf({
  "a.yaml": team("payments", [
    "billing: { port: 8216, address: isa-billing, metrics: /metrics }",
    'books: { port: 9000, metrics: "/a\'b;c$de?format=x", instances: [{ id: one, address: h1 }, { id: two, address: h2 }] }',
    "silent: { port: 7000, address: isa-silent }",
  ]),
});
const config = renderApplicationMetrics(services, "10.0.0.12");

test("each instance of a service that declares metrics has a path, and nothing else is passed on", () => {
  expect([...config.matchAll(/location = "(\/metrics[^"]*)"/g)].map(([, path]) => path)).toEqual([
    "/metrics/billing/billing",
    "/metrics/books/one",
    "/metrics/books/two",
  ]);
  expect(blockOf(config, "location / {")).toContain("return 404");
  const billing = blockOf(config, 'location = "/metrics/billing/billing" {');
  expect(valuesOf(billing, "set")).toEqual(['$host_of_it "isa-billing:8216"']);
  expect(valuesOf(billing, "proxy_pass")).toEqual(['"http://$host_of_it/metrics"']);
  expect(billing).toContain("limit_except GET { deny all; }");
});

test("it listens on one address alone", () => {
  expect(valuesOf(config, "listen")).toEqual(["10.0.0.12:8080"]);
});

test("what means something to Nginx in a path is written so that it does not", () => {
  expect(config).toContain('proxy_pass "http://$host_of_it/a%27b%3Bc%24de?format=x";');
});

test("Prometheus asks there, and calls each by where it is", () => {
  expect(passedTargets(services)[0]).toEqual({
    targets: ["consul-application-metrics:8080"],
    labels: {
      __metrics_path__: "/metrics/billing/billing",
      instance: "isa-billing:8216",
      service: "billing",
      team: "payments",
      id: "billing",
    },
  });
});
