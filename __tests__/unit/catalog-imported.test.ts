import { renderDefinition } from "../../lib/catalog/definition";
import { importedFiles, type Registration } from "../../lib/catalog/imported";
import { catalogOf } from "./catalog-helpers";

const http = (url: string) => ({
  type: "http",
  interval: "10s",
  timeout: "5s",
  output: `HTTP GET ${url}: 200 OK Output: ok`,
});
const billing: Registration = {
  id: "billing_service",
  name: "billing_service",
  address: "isa-billing",
  port: 8216,
  tags: ["v1"],
  meta: { team: "user-platform", version: "1.0.0" },
  weights: { passing: 1, warning: 1 },
  checks: [http("http://isa-billing:8216/health")],
};
const files = (...registrations: Registration[]) =>
  Object.fromEntries(importedFiles(registrations).map(({ name, text }) => [name, text]));
const rendered = (...registrations: Registration[]) =>
  catalogOf(files(...registrations)).services.map(renderDefinition);

test("what is imported and rendered again is the same registration", () => {
  expect(rendered(billing)).toEqual([
    {
      id: "billing_service",
      name: "billing_service",
      address: "isa-billing",
      port: 8216,
      tags: ["v1"],
      meta: { team: "user-platform", version: "1.0.0" },
      checks: [
        expect.objectContaining({
          http: "http://isa-billing:8216/health",
          method: "GET",
          interval: "10s",
          timeout: "5s",
        }),
      ],
    },
  ]);
});

test("several instances keep their ids, weights and places", () => {
  const second = { ...billing, id: "Host:billing:2", address: "10.0.0.2", weights: { passing: 5, warning: 1 } };
  expect(rendered(billing, second)).toMatchObject([
    { id: "Host:billing:2", name: "billing_service", address: "10.0.0.2", weights: { passing: 5, warning: 1 } },
    { id: "billing_service", name: "billing_service", address: "isa-billing" },
  ]);
});

test("each team has a file, and what has none is in one of its own", () => {
  const stray = { ...billing, name: "stray", id: "stray", port: 1, meta: {} };
  expect(Object.keys(files(billing, stray))).toEqual(["imported.yaml", "user-platform.yaml"]);
});

test("every kind of check that Consul tells enough about comes back, the others stand as a comment", () => {
  const timed = { interval: "1m0s", timeout: "", output: "" };
  const checks = [
    { ...timed, type: "tcp" },
    { ...timed, type: "grpc" },
    http("https://status.example.com/up"),
    { ...timed, type: "docker" },
  ];
  const [service] = rendered({ ...billing, checks });
  expect(service?.checks).toMatchObject([
    { tcp: "isa-billing:8216", interval: "1m0s", timeout: "10s" },
    { grpc: "isa-billing:8216" },
    { http: "https://status.example.com/up" },
  ]);
  expect(files({ ...billing, checks })["user-platform.yaml"]).toContain(
    "# Consul does not tell how its docker check is made",
  );
});

test("a heartbeat becomes a reason why nothing checks it", () => {
  const checks = [{ type: "ttl", interval: "", timeout: "", output: "" }];
  expect(files({ ...billing, checks })["user-platform.yaml"]).toContain(
    "reason: imported, and it sent a TTL heartbeat, of which Consul does not tell the time",
  );
});

test("what a catalog cannot say is left out with why, on one line, and the rest is a catalog", () => {
  const odd = { ...billing, name: "Odd.Service", id: "odd", tags: ["a\n# b: c"] };
  const none = { ...billing, name: "no_port", id: "no_port", port: 0 };
  const [file] = importedFiles([billing, odd, none]);
  expect(file?.left).toEqual([
    expect.stringMatching(/^Odd\.Service: .*is not allowed as a name/),
    expect.stringMatching(/^no_port: no_port\.port is 0/),
  ]);
  expect(file?.text).toContain("# Left out: no_port: no_port.port is 0");
  expect(rendered(billing, odd, none)).toHaveLength(1);
});

test("of two under one id, on two nodes, the one that something checks is kept, and the other told", () => {
  const heartbeat = {
    ...billing,
    address: "elsewhere",
    checks: [{ type: "ttl", interval: "", timeout: "", output: "" }],
  };
  for (const both of [
    [heartbeat, billing],
    [billing, heartbeat],
  ]) {
    const [file] = importedFiles(both);
    expect(file?.left).toEqual([
      "billing_service: the id billing_service is registered on another node too, at elsewhere:8216",
    ]);
    expect(catalogOf({ "a.yaml": file?.text ?? "" }).services).toMatchObject([{ address: "isa-billing" }]);
  }
});
