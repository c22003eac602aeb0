import { renderNginx, standInsOf } from "../../../../../lib/consul/stand-ins/stand-in.js";
import { furtherImages } from "../../../../../stacks/further-images.js";
import { catalogOf, team } from "../../../../support/catalog-helpers.js";

const config = renderNginx("isa-billing", [{ number: 8216, grpc: false }]);

test("a stand-in answers on the port that the catalog declares, and says what it is", () => {
  expect(config).toContain('server { listen 8216; return 200 "isa-billing is a stand-in and healthy"; }');
});

test("a host with several services listens on each of their ports", () => {
  const ports = renderNginx(
    "isa-data",
    [50051, 50052].map((number) => ({ number, grpc: false })),
  ).match(/listen \d+;/g);
  expect(ports).toEqual(["listen 50051;", "listen 50052;"]);
});

test("the configuration is one line, for it travels in an environment variable", () => {
  expect(config).not.toMatch(/\n|'/);
});

test("nothing in it is a template for Terraform", () => {
  expect(config).not.toMatch(/[$%]\{/);
});

test("it runs in the foreground as one process and writes nowhere but in /tmp", () => {
  expect(config).toContain("daemon off; master_process off;");
  const paths = [...config.matchAll(/(?:pid|_path) (\S+);/g)].map((match) => match[1]);
  expect(paths).toHaveLength(6);
  for (const path of paths) expect(path).toMatch(/^\/tmp\//);
});

test("every brace that is opened is closed", () => {
  expect(config.match(/\{/g)?.length).toBe(config.match(/\}/g)?.length);
});

const times = "interval: 10s, timeout: 5s";
const standIns = (...services: string[]) => standInsOf(catalogOf({ "a.yaml": team("t", services) }));

test("a service that is checked as a database is a real one; its port is the declared one", () => {
  const [database, cache] = standIns(
    `database: { port: 5433, check: { kind: postgres, user: app, ${times} } }`,
    `cache: { port: 6380, check: { kind: redis, ${times} } }`,
  );
  expect(database).toMatchObject({ host: "isa-database", image: "postgres" });
  expect(database?.entrypoint.join(" ")).toContain("exec postgres -D /tmp/data -p 5433 ");
  expect(cache).toMatchObject({ host: "isa-cache", image: "redis" });
  expect(cache?.entrypoint.join(" ")).toContain("--port 6380 ");
});

test("a port that is checked by gRPC speaks HTTP/2, the others of its host do not", () => {
  const [host] = standIns(`x: { port: 1, address: h, check: { kind: grpc, ${times} } }`, "y: { port: 2, address: h }");
  expect(host?.environment.NGINX_CONF).toMatch(/listen 2; .*listen 1 http2;/);
  expect(host?.entrypoint.join(" ")).toContain("/tmp/serving");
});

test("a port that only a check asks is listened on, too", () => {
  const [host] = standIns(
    `x: { port: 1, address: h, check: { kind: http, path: /h, port: 8081, ${times} } }`,
    `y: { port: 2, address: h, check: { kind: grpc, port: 9092, ${times} } }`,
  );
  expect(host?.environment.NGINX_CONF).toMatch(/listen 1; listen 2; listen 8081;.*listen 9092 http2;/);
});

test("each instance has a host of its own, and an IP address stands elsewhere", () => {
  const instances = "instances: [{ id: a, address: host-a }, { id: b, address: host-b }, { id: c, address: 10.0.0.1 }]";
  expect(standIns(`x: { port: 1, ${instances} }`).map(({ host }) => host)).toEqual(["host-a", "host-b"]);
});

test("images beyond those of every platform are asked for only where the catalog needs them", () => {
  const plain = catalogOf({ "a.yaml": team("t", ["x: { port: 1 }"]) });
  const database = catalogOf({ "a.yaml": team("t", [`x: { port: 1, check: { kind: postgres, user: u, ${times} } }`]) });
  const settings = { workloads: true, consulVersion: "1.22.5", monitoring: false } as const;
  expect(furtherImages(settings, plain)).toEqual([]);
  expect(furtherImages({ ...settings, consulVersion: "1.22.3" }, plain)).toEqual(["consul-before"]);
  expect(furtherImages(settings, database)).toEqual(["postgres"]);
  expect(furtherImages({ ...settings, workloads: false }, database)).toEqual([]);
  expect(furtherImages({ ...settings, monitoring: true }, plain)).toEqual(["prometheus", "alertmanager", "blackbox"]);
});
