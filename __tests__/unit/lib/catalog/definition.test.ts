import { type Check, needsProber } from "../../../../lib/catalog/checks.js";
import { kvKey, kvValue, renderDefinition } from "../../../../lib/catalog/definition.js";
import type { Service } from "../../../../lib/catalog/types.js";
import { selfSigned } from "../../../support/self-signed.js";

const billing: Service = {
  team: "user-platform",
  name: "billing_service",
  id: "billing_service",
  address: "isa-billing",
  port: 8216,
  tags: ["v1", "staging"],
  meta: { version: "1.0.0" },
  checks: [{ name: "http", check: { kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" } }],
  deregisterCriticalServiceAfter: "90s",
};
const minio: Service = {
  ...billing,
  team: "infrastructure",
  name: "minio_grpc_service",
  id: "minio_grpc_service",
  address: "isa-minio-grpc",
  port: 50051,
  checks: [{ name: "tcp", check: { kind: "tcp", interval: "30s", timeout: "3s" } }],
};

const only = (check: Check) => [{ name: check.kind, check }];

test("an HTTP service is one line of compact JSON in Consul's words", () => {
  expect(kvValue(billing)).toBe(
    '{"id":"billing_service","name":"billing_service","address":"isa-billing","port":8216,' +
      '"tags":["v1","staging"],"meta":{"team":"user-platform","version":"1.0.0"},' +
      '"checks":[{"id":"billing_service:http","name":"HTTP GET /health",' +
      '"http":"http://isa-billing:8216/health","method":"GET","disable_redirects":true,"output_max_size":1,"interval":"10s","timeout":"5s",' +
      '"deregister_critical_service_after":"90s"}]}',
  );
});

test("a definition that the registrar would refuse is a defect of ours, and told as one", () => {
  expect(() => renderDefinition({ ...billing, port: 0 })).toThrow(
    "billing_service of user-platform becomes a definition that the registrar would refuse, though the catalog's rules accept it: port: must be a whole number from 1 to 65535",
  );
});

test("a TCP check names the address and the port", () => {
  expect(renderDefinition(minio).checks).toEqual([
    {
      id: "minio_grpc_service:tcp",
      name: "TCP connect",
      tcp: "isa-minio-grpc:50051",
      interval: "30s",
      timeout: "3s",
      deregister_critical_service_after: "90s",
    },
  ]);
});

test("a service that is never dropped has no time for it", () => {
  const [check] = renderDefinition({ ...billing, deregisterCriticalServiceAfter: "never" }).checks;
  expect(check).not.toHaveProperty("deregister_critical_service_after");
});

test("a service without a check has an empty list of checks", () => {
  expect(renderDefinition({ ...billing, checks: only({ kind: "none", reason: "a batch job" }) }).checks).toEqual([]);
});

test("an IPv6 address stands in brackets in a check and without them as the address", () => {
  const definition = renderDefinition({ ...billing, address: "fd00::5" });
  expect(definition.address).toBe("fd00::5");
  expect(definition.checks[0]).toHaveProperty("http", "http://[fd00::5]:8216/health");
  expect(renderDefinition({ ...minio, address: "fd00::5" }).checks[0]).toHaveProperty("tcp", "[fd00::5]:50051");
});

test("the method of an HTTP check is in its name", () => {
  const check = { kind: "http", path: "/", method: "HEAD", interval: "10s", timeout: "5s" } as const;
  expect(renderDefinition({ ...minio, checks: only(check) }).checks[0]).toMatchObject({
    name: "HTTP HEAD /",
    method: "HEAD",
  });
});

test("headers, a body and thresholds reach Consul in its own words", () => {
  const check = {
    kind: "http",
    path: "/query",
    method: "POST",
    interval: "10s",
    timeout: "5s",
    header: { "X-Probe": "rollcall" },
    body: '{"ping":1}',
    success_before_passing: 2,
    failures_before_critical: 3,
  } as const;
  expect(renderDefinition({ ...billing, checks: only(check) }).checks[0]).toEqual({
    id: "billing_service:http",
    name: "HTTP POST /query",
    http: "http://isa-billing:8216/query",
    method: "POST",
    header: { "X-Probe": ["rollcall"] },
    body: '{"ping":1}',
    disable_redirects: true,
    output_max_size: 1,
    interval: "10s",
    timeout: "5s",
    success_before_passing: 2,
    failures_before_critical: 3,
    deregister_critical_service_after: "90s",
  });
});

test("the key is catalog/<team>/<name>", () => {
  expect(kvKey(billing)).toBe("catalog/user-platform/billing_service");
});

test("every character of the value is printable ASCII, and it still means the same", () => {
  const owner = 'Zoë \u{1F680}\u007f\n"\\';
  const value = kvValue({ ...billing, meta: { owner } });
  expect(value).toMatch(/^[\x20-\x7e]+$/);
  expect(value).toContain("Zo\\u00eb \\ud83d\\ude80\\u007f\\n");
  expect(JSON.parse(value).meta.owner).toBe(owner);
});

test("an instance of several has a key, an id, weights and check ids of its own", () => {
  const second = { ...billing, id: "billing-2", weights: { passing: 10, warning: 1 } };
  expect(kvKey(second)).toBe("catalog/user-platform/billing_service/billing-2");
  expect(renderDefinition(second)).toMatchObject({
    id: "billing-2",
    name: "billing_service",
    weights: { passing: 10, warning: 1 },
    checks: [{ id: "billing-2:http" }],
  });
});

const times = { interval: "10s", timeout: "5s" } as const;
test.each<[Check, object]>([
  [
    { kind: "http", url: "https://status.example.com/up", method: "GET", ...times },
    { http: "https://status.example.com/up" },
  ],
  [
    { kind: "http", path: "/up", method: "GET", tls: true, tls_server_name: "billing.example.com", ...times },
    { http: "https://isa-billing:8216/up", tls_server_name: "billing.example.com" },
  ],
  [
    { kind: "grpc", ...times },
    { grpc: "isa-billing:8216", name: "gRPC health" },
  ],
  [
    { kind: "grpc", service: "orders.v1.Orders", tls: true, ...times },
    { grpc: "isa-billing:8216/orders.v1.Orders", grpc_use_tls: true },
  ],
  [
    { kind: "postgres", user: "app", database: "orders", ...times },
    { http: "http://consul-prober:8080/postgres/isa-billing:8216?user=app&database=orders" },
  ],
  [{ kind: "postgres", user: "app", ...times }, { http: expect.stringMatching(/\?user=app&database=app$/) }],
  [
    { kind: "redis", ...times },
    { http: "http://consul-prober:8080/redis/isa-billing:8216", method: "GET" },
  ],
  [{ kind: "resources", disk: 80, ...times }, { http: "http://consul-prober:8080/resources?cpu=90&memory=90&disk=80" }],
  [{ kind: "ttl", ttl: "30s" }, { ttl: "30s" }],
  [{ kind: "alias", service: "database" }, { alias_service: "database" }],
])("a check %j is %j in Consul's words", (check, expected) => {
  const [rendered] = renderDefinition({ ...billing, checks: only(check) }).checks;
  expect(rendered).toMatchObject({ id: `billing_service:${check.kind}`, ...expected });
  if ("interval" in check) expect(rendered).toMatchObject(times);
  else expect(rendered).not.toHaveProperty("interval");
});

test("no HTTP check follows a redirect where the catalog does not allow it, those by way of the prober never", () => {
  const http = { kind: "http", path: "/up", method: "GET", ...times } as const;
  const rendered = (check: Check) => renderDefinition({ ...billing, checks: only(check) }).checks[0];
  for (const check of [http, { ...http, redirects: false }] as const)
    expect(rendered(check)).toMatchObject({ disable_redirects: true, output_max_size: 1 });
  expect(rendered({ ...http, redirects: true })).not.toHaveProperty("disable_redirects");
  expect(rendered({ ...http, redirects: true })).toHaveProperty("output_max_size", 1);
  // Its words are its own, so they may be read.
  for (const check of [
    { kind: "redis", ...times },
    { kind: "resources", ...times },
  ] as const) {
    expect(rendered(check)).toHaveProperty("disable_redirects", true);
    expect(rendered(check)).not.toHaveProperty("output_max_size");
  }
  expect(rendered({ kind: "tcp", ...times })).not.toHaveProperty("disable_redirects");
});

test("a check that trusts an authority of its own goes by way of the prober, with the same question", () => {
  const { certPem } = selfSigned("db.example.com");
  const der = certPem.split("\n").slice(1, -2).join("");
  const own = { tls_server_name: "db.example.com", ca_pem: certPem + certPem, header: { Accept: "*/*" } };
  const check: Check = { kind: "http", path: "/up?x=1", method: "POST", body: "{}", tls: true, ...own, ...times };
  expect(renderDefinition({ ...billing, checks: only(check) }).checks).toEqual([
    {
      id: "billing_service:http",
      name: "HTTP POST /up?x=1",
      http: "http://consul-prober:8080/https/isa-billing:8216/up?x=1",
      method: "POST",
      body: "{}",
      header: {
        Accept: ["*/*"],
        "Rollcall-Trusted-CA": [`${der},${der}`],
        "Rollcall-Server-Name": ["db.example.com"],
      },
      disable_redirects: true,
      ...times,
      deregister_critical_service_after: "90s",
    },
  ]);
  expect(needsProber([{ checks: only(check) }])).toBe(true);
  expect(needsProber([{ checks: only({ ...check, ca_pem: undefined }) }])).toBe(false);
});
