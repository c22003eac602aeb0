import { renderDefinition } from "../../../../lib/catalog/definition.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

/** The only service of a team whose defaults have these lines besides address and check. */
function service(line: string, more: readonly string[] = []) {
  return catalogOf({ "a.yaml": team("t", [line], more) }).services[0];
}

test("a service gets the team's defaults", () => {
  const more = ["tags: [v1]", "meta: { a: b }", "deregister_critical_service_after: never"];
  expect(service("vector_db_service: { port: 1 }", more)).toEqual({
    team: "t",
    name: "vector_db_service",
    id: "vector_db_service",
    address: "isa-vector-db",
    port: 1,
    tags: ["v1"],
    meta: { a: "b" },
    checks: [{ name: "http", check: { kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" } }],
    deregisterCriticalServiceAfter: "never",
  });
});

test("without a word about it, a service is dropped after 90 s of critical", () => {
  expect(service("x: { port: 1 }")).toMatchObject({ tags: [], meta: {}, deregisterCriticalServiceAfter: "90s" });
});

test("a service's own tags follow the team's, each once", () => {
  expect(service("x: { port: 1, tags: [v1, db] }", ["tags: [v1, staging]"])?.tags).toEqual(["v1", "staging", "db"]);
});

test("a service's own meta lies over the team's, key by key", () => {
  expect(service("x: { port: 1, meta: { b: 3, c: d } }".replace("3", '"3"'), ["meta: { a: a, b: b }"])?.meta).toEqual({
    a: "a",
    b: "3",
    c: "d",
  });
});

test("fields of a check without a kind, or with the team's, lie over the team's check", () => {
  const expected = { kind: "http", path: "/up", method: "HEAD", interval: "10s", timeout: "1s" };
  expect(service("x: { port: 1, check: { path: /up, method: HEAD, timeout: 1s } }")?.checks[0]?.check).toEqual(
    expected,
  );
  expect(
    service("x: { port: 1, check: { kind: http, path: /up, method: HEAD, timeout: 1s } }")?.checks[0]?.check,
  ).toEqual(expected);
});

test("a check of another kind stands instead of the team's", () => {
  const tcp = { kind: "tcp", interval: "1m30s", timeout: "3s" };
  expect(service("x: { port: 1, check: { kind: tcp, interval: 1m30s, timeout: 3s } }")?.checks[0]?.check).toEqual(tcp);
  expect(service("x: { port: 1, check: { kind: none, reason: batch } }")?.checks[0]?.check).toEqual({
    kind: "none",
    reason: "batch",
  });
});

test.each(["isa-x.example.com", "10.0.0.7", "fd00::7", "X-{name}"])(
  "%s is an address of a service's own",
  (address) => {
    const own = service(`data_grpc_service: { port: 1, address: "${address}" }`);
    expect(own?.address).toBe(address.replace("{name}", "data"));
  },
);

test("{id} in an address and {id} and {name} in a URL or a path stand for the instance and the service", () => {
  const lines = [
    "orders_service:",
    "  port: 8080",
    '  address: "{id}.example.com"',
    '  check: { kind: http, url: "http://{id}.example.com:8081/{name}/health", interval: 10s, timeout: 5s }',
    "  checks:",
    '    far: { kind: http, path: "/of/{id}", interval: 10s, timeout: 5s }',
    "  instances: [{ id: orders-a }, { id: orders-b }]",
  ];
  expect(catalogOf({ "a.yaml": team("t", lines) }).services.map(renderDefinition)).toMatchObject(
    ["orders-a", "orders-b"].map((id) => ({
      address: `${id}.example.com`,
      checks: [
        { http: `http://${id}.example.com:8081/orders/health` },
        { http: `http://${id}.example.com:8080/of/${id}` },
      ],
    })),
  );
});

test("a check asks a port of its own where it has one, at the address of each instance", () => {
  const lines = [
    "x:",
    "  port: 8080",
    "  check: { kind: http, path: /actuator/health, port: 8081, interval: 10s, timeout: 5s }",
    "  checks:",
    "    plain: { kind: tcp, port: 9091, interval: 10s, timeout: 5s }",
    "    rpc: { kind: grpc, port: 9092, interval: 10s, timeout: 5s }",
    '  instances: [{ id: a, address: 10.0.0.1 }, { id: b, address: "fd00::2" }]',
  ];
  expect(catalogOf({ "a.yaml": team("t", lines) }).services.map(renderDefinition)).toMatchObject(
    ["10.0.0.1", "[fd00::2]"].map((host) => ({
      port: 8080,
      checks: [{ http: `http://${host}:8081/actuator/health` }, { tcp: `${host}:9091` }, { grpc: `${host}:9092` }],
    })),
  );
});

test("a service's url stands instead of its team's path and port", () => {
  const own = 'x: { port: 1, check: { url: "http://status.example.com/x" } }';
  const text = team("t", [own]).replace("path: /health", "path: /health, port: 8081");
  const [check] = catalogOf({ "a.yaml": text }).services[0]?.checks ?? [];
  expect(check?.check).toMatchObject({ kind: "http", url: "http://status.example.com/x" });
  expect(check?.check).not.toHaveProperty("port");
});

test.each(["urlprefix-/foo strip=/foo", "traefik.http.routers.web.rule=Host(`a.example`) && PathPrefix(`/api`)"])(
  "%s is a tag",
  (tag) => expect(service(`x: { port: 1, tags: [${JSON.stringify(tag)}] }`)?.tags).toContain(tag),
);

test.each([1, 65535])("port %d is a port", (port) => {
  expect(service(`x: { port: ${port} }`)?.port).toBe(port);
});

test.each(["1m", "60s", "1h", "1h0m5s", "never"])("a service may be dropped after %s", (after) => {
  const own = service(`x: { port: 1, deregister_critical_service_after: ${after} }`);
  expect(own?.deregisterCriticalServiceAfter).toBe(after);
});

test("a check may take as long as its interval, and no less than a second", () => {
  expect(service("x: { port: 1, check: { interval: 1s, timeout: 1s } }")?.checks[0]?.check).toMatchObject({
    interval: "1s",
  });
});

test("anchors and aliases may be used, also by a thousand services", () => {
  const lines = Array.from({ length: 999 }, (_, n) => `s${n}: { port: ${n + 2}, meta: *owner }`);
  const { services } = catalogOf({ "a.yaml": team("t", ["x: { port: 1, meta: &owner { owner: ann } }", ...lines]) });
  expect(services).toHaveLength(1000);
  expect(services[999]?.meta).toEqual({ owner: "ann" });
});

test("files are read in the order of their names, and nothing but *.yaml files", () => {
  const catalog = catalogOf({
    "b.yaml": team("b", ["x: { port: 1 }"]),
    "a.yaml": team("a", ["z: { port: 1 }", "y: { port: 1 }"]),
    "catalog.schema.json": "{}",
    "examples/": "",
  });
  expect(catalog.teams.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(catalog.services.map(({ name }) => name)).toEqual(["z", "y", "x"]);
});

const router = [
  "router:",
  "  port: 8002",
  "  tags: [core]",
  "  weights: { passing: 2, warning: 1 }",
  "  region: eu-central",
  "  checks: { port: { kind: tcp, interval: 30s, timeout: 3s } }",
  "  instances:",
  "    - { id: router-eu, address: eu.example.com }",
  "    - { id: router-us, address: us.example.com, port: 8003, region: us-east, weights: { passing: 9, warning: 0 }, tags: [far], meta: { rack: a } }",
];

test("an instance has what its service says, and its own over that", () => {
  const [eu, us] = catalogOf({ "a.yaml": team("t", router) }).services;
  const common = { team: "t", name: "router", checks: [{ name: "http" }, { name: "port", check: { kind: "tcp" } }] };
  expect(eu).toMatchObject({
    ...common,
    id: "router-eu",
    address: "eu.example.com",
    port: 8002,
    tags: ["core"],
    meta: { region: "eu-central" },
    weights: { passing: 2, warning: 1 },
  });
  expect(us).toMatchObject({
    ...common,
    id: "router-us",
    port: 8003,
    tags: ["core", "far"],
    meta: { rack: "a", region: "us-east" },
    weights: { passing: 9, warning: 0 },
  });
});

test("a url of a service's own stands instead of the team's path, and a path instead of a url", () => {
  const url = "check: { kind: http, url: https://a.example.com, interval: 10s, timeout: 5s }";
  expect(service("x: { port: 1, check: { url: https://b.example.com/up } }")?.checks[0]?.check).toMatchObject({
    url: "https://b.example.com/up",
  });
  const own = catalogOf({
    "a.yaml": `team: t\ndefaults: { address: h, ${url} }\nservices: { x: { port: 1, check: { path: /up } } }\n`,
  });
  expect(own.services[0]?.checks[0]?.check).toEqual({
    kind: "http",
    path: "/up",
    method: "GET",
    interval: "10s",
    timeout: "5s",
  });
});

test("with further checks, a service needs none of its own", () => {
  const checks = "checks: { port: { kind: tcp, interval: 30s, timeout: 3s } }";
  expect(service(`x: { port: 1, check: { kind: none, reason: r }, ${checks} }`)?.checks).toMatchObject([
    { name: "port" },
  ]);
});
