import { parse } from "yaml";
import { type Exported, exportedFiles } from "../../../../lib/monitoring/export/files.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const times = "interval: 10s, timeout: 5s";
const catalog = catalogOf({
  "a.yaml": team("team-a", [
    `web: { port: 80, address: web.example.com, metrics: /metrics, check: { kind: http, path: /health, port: 8081, method: HEAD, header: { Accept: text/plain }, ${times} } }`,
    `rpc: { port: 90, address: rpc.example.com, check: { kind: grpc, service: orders.v1, tls: true, tls_server_name: rpc.internal, ${times} } }`,
    `plain: { port: 91, address: plain.example.com, check: { kind: tcp, interval: 30s, timeout: 20s } }`,
    `like: { port: 92, address: like.example.com, check: { kind: tcp, interval: 30s, timeout: 20s } }`,
  ]),
  "b.yaml": team("team-b", [
    `data: { port: 5432, address: data.example.com, check: { kind: postgres, user: app, ${times} } }`,
    "beat: { port: 93, address: beat.example.com, check: { kind: ttl, ttl: 30s } }",
    `box: { port: 94, address: box.example.com, check: { kind: resources, ${times} } }`,
  ]),
});
const exported: Exported = {
  catalog,
  place: { prefix: "two-", servers: 3, datacenter: "dc1" },
  facts: { servers: 3, hostLimits: { cpu: 0.9, memory: 0.9, disk: 0.9 } },
  runbooks: "https://example.com/runbooks",
};
const files = exportedFiles(exported, "prometheus");
const fileOf = (path: string, of = files) => of.get(path) ?? "";
const probes = JSON.parse(fileOf("targets/probes.json")) as readonly {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}[];
const probeOf = (service: string) => probes.find(({ labels }) => labels.service === service);
const moduleOf = (service: string) =>
  parse(fileOf("blackbox.yml")).modules[probeOf(service)?.labels.__param_module ?? ""];

test("the same catalog gives the same files, byte for byte", () => {
  expect([...exportedFiles(exported, "prometheus")]).toEqual([...files]);
});

test("a probe asks what Consul's check asks, at the check's own port, with its method and headers", () => {
  expect(probeOf("web")).toMatchObject({
    targets: ["http://web.example.com:8081/health"],
    labels: { service: "web", team: "team-a", id: "web", check: "http", kind: "http" },
  });
  expect(moduleOf("web")).toMatchObject({
    prober: "http",
    timeout: "5s",
    http: { method: "HEAD", headers: { Accept: "text/plain" }, follow_redirects: false },
  });
  expect(moduleOf("web").http.valid_status_codes).toContain(429);
  expect(probeOf("rpc")?.targets).toEqual(["rpc.example.com:90"]);
  expect(moduleOf("rpc").grpc).toMatchObject({
    service: "orders.v1",
    tls: true,
    tls_config: { server_name: "rpc.internal" },
  });
});

test("what Consul has the prober make, the blackbox exporter asks of the prober", () => {
  expect(probeOf("data")?.targets).toEqual([
    "http://consul-prober:8080/postgres/data.example.com:5432?user=app&database=app",
  ]);
});

test("heartbeats and the host's resources are no probes", () => {
  expect(probes.map(({ labels }) => labels.service)).toEqual(["data", "like", "plain", "rpc", "web"]);
});

test("checks that ask the same way share a module, and a scrape is as long as its check and half a second", () => {
  expect(probeOf("plain")?.labels.__param_module).toBe(probeOf("like")?.labels.__param_module);
  expect(probeOf("plain")?.labels).toMatchObject({ __scrape_interval__: "30s", __scrape_timeout__: "20500ms" });
  expect(probeOf("web")?.labels).toMatchObject({ __scrape_interval__: "15s", __scrape_timeout__: "5500ms" });
});

test("what is scraped is named as the containers are", () => {
  const { scrape_configs: jobs } = parse(fileOf("scrape.yml"));
  const targets = (name: string) => jobs.find((job: { job_name: string }) => job.job_name === name).static_configs;
  expect(targets("rollcall")).toEqual([{ targets: ["two-consul-monitor:9182", "two-consul-registrar:9181"] }]);
  // Alerts say which server is down by the label, and the monitor tells servers apart by the same names.
  expect(targets("consul-server")).toEqual(
    [1, 2, 3].map((number) => ({
      targets: [`two-consul-server-${number}:8501`],
      labels: { server: `consul-server-${number}` },
    })),
  );
});

test("applications that answer with metrics are scraped at their own port", () => {
  expect(JSON.parse(fileOf("targets/applications.json"))).toEqual([
    {
      targets: ["web.example.com:80"],
      labels: { __metrics_path__: "/metrics", service: "web", team: "team-a", id: "web" },
    },
  ]);
});

test("each team has a receiver for pages and one for tickets, and every route has its receiver", () => {
  const { route, receivers } = parse(fileOf("alertmanager.yml"));
  const names = receivers.map(({ name }: { name: string }) => name);
  for (const owner of ["platform", "team-a", "team-b"])
    expect(names).toEqual(expect.arrayContaining([`${owner}-page`, `${owner}-ticket`]));
  for (const { receiver } of [route, ...route.routes]) expect(names).toContain(receiver);
});

test("for the Prometheus Operator there are the same rules, and targets stand in the Secret", () => {
  const kubernetes = exportedFiles(exported, "kubernetes");
  const rules = fileOf("kubernetes/rules.yaml", kubernetes)
    .split("---\n")
    .map((text) => parse(text));
  expect(rules.map(({ kind }) => kind)).toEqual(rules.map(() => "PrometheusRule"));
  const plain = [...files].filter(([path]) => path.startsWith("rules/")).map(([, text]) => parse(text).groups);
  const named = (groups: readonly { readonly name: string }[]) => [groups[0]?.name, groups];
  expect(Object.fromEntries(rules.map(({ spec }) => named(spec.groups)))).toEqual(Object.fromEntries(plain.map(named)));
  const secret = parse(fileOf("kubernetes/scrape.yaml", kubernetes)).stringData["rollcall.yml"];
  expect(secret).not.toContain("file_sd_configs");
  expect(secret).toContain("http://web.example.com:8081/health");
  expect(parse(fileOf("kubernetes/dashboards.yaml", kubernetes).split("---\n")[0] ?? "").metadata.labels).toMatchObject(
    {
      grafana_dashboard: "1",
    },
  );
});

test("no file holds a secret's place filled in: token, certificate and key are named, and nothing more", () => {
  for (const [path, text] of files) {
    expect({ path, has: /-----BEGIN|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/.test(text) }).toEqual({ path, has: false });
  }
});
