import { join } from "node:path";
import { readCatalog } from "../../../../lib/catalog/read-catalog.js";

// The ports of the seed, "What Was Created", and the 28th user service that it counts but does not name.
const USER = {
  account_service: 8201,
  auth_service: 8202,
  authorization_service: 8203,
  session_service: 8204,
  payment_service: 8207,
  billing_service: 8216,
  product_service: 8215,
  order_service: 8105,
  wallet_service: 8113,
  event_service: 8101,
  audit_service: 8102,
  invitation_service: 8103,
  notification_service: 8104,
  organization_service: 8106,
  ota_service: 8107,
  storage_service: 8109,
  task_service: 8110,
  telemetry_service: 8111,
  vault_service: 8112,
  album_service: 8114,
  calendar_service: 8115,
  compliance_service: 8116,
  location_service: 8117,
  media_service: 8118,
  memory_service: 8119,
  weather_service: 8221,
  device_service: 8220,
  document_service: 8227,
};
const AI = { mcp_service: 8081, model_service: 8082, agent_service: 8083 };
const GRPC = {
  minio_grpc_service: 50051,
  duckdb_grpc_service: 50052,
  mqtt_grpc_service: 50053,
  loki_grpc_service: 50054,
  redis_grpc_service: 50055,
  nats_grpc_service: 50056,
  postgres_grpc_service: 50061,
  qdrant_grpc_service: 50062,
  neo4j_grpc_service: 50063,
};

const catalog = readCatalog(join(import.meta.dirname, "..", "..", "..", "..", "service-catalog"));
const of = (team: string) => catalog.services.filter((service) => service.team === team);
const ports = (team: string) => Object.fromEntries(of(team).map(({ name, port }) => [name, port]));

test("the catalog has the 40 services of the seed: 28 user, 3 AI and 9 gRPC", () => {
  expect(catalog.services).toHaveLength(40);
  expect(catalog.teams.map(({ name, services }) => [name, services.length])).toEqual([
    ["ai-platform", 3],
    ["infrastructure", 9],
    ["user-platform", 28],
  ]);
});

test.each([
  ["user-platform", USER],
  ["ai-platform", AI],
  ["infrastructure", GRPC],
])("%s has the names and ports of the seed", (team, expected) => {
  expect(ports(team)).toEqual(expected);
});

test("HTTP services are reached at isa-<name>, gRPC ones at isa-<name>-grpc", () => {
  const addresses = Object.fromEntries(catalog.services.map(({ name, address }) => [name, address]));
  expect(addresses.billing_service).toBe("isa-billing");
  expect(addresses.mcp_service).toBe("isa-mcp");
  expect(addresses.minio_grpc_service).toBe("isa-minio-grpc");
  expect(new Set(Object.values(addresses)).size).toBe(40);
});

test("user and AI services are checked at /health every 10 s within 5 s, gRPC ones by TCP every 30 s within 3 s", () => {
  const http = { kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" };
  for (const { checks } of [...of("user-platform"), ...of("ai-platform")])
    expect(checks).toEqual([{ name: "http", check: http }]);
  const tcp = { kind: "tcp", interval: "30s", timeout: "3s" };
  for (const { checks } of of("infrastructure")) expect(checks).toEqual([{ name: "tcp", check: tcp }]);
});

test("every service is dropped after 90 s of critical, as in the seed", () => {
  expect(new Set(catalog.services.map((service) => service.deregisterCriticalServiceAfter))).toEqual(new Set(["90s"]));
});

test("tags say version, framework, type and environment", () => {
  for (const { tags } of of("user-platform")) expect(tags).toEqual(["v1", "fastapi", "user-microservice", "staging"]);
  for (const { tags } of of("ai-platform")) expect(tags).toEqual(["v1", "fastapi", "ai-service", "staging"]);
  for (const { tags } of of("infrastructure")) {
    expect(tags.slice(0, 4)).toEqual(["v1", "grpc", "infrastructure", "staging"]);
  }
});

test("each gRPC service has one tag of its own", () => {
  expect(of("infrastructure").map(({ tags }) => tags.slice(4))).toEqual([
    ["storage"],
    ["database"],
    ["messaging"],
    ["logging"],
    ["cache"],
    ["messaging"],
    ["database"],
    ["vector-db"],
    ["graph-db"],
  ]);
});

test("meta says version and environment, for AI services their type and for gRPC ones their protocol", () => {
  const common = { version: "1.0.0", environment: "staging" };
  for (const { meta } of of("user-platform")) expect(meta).toEqual(common);
  expect(of("ai-platform").map(({ meta }) => meta)).toEqual([
    { ...common, type: "mcp" },
    { ...common, type: "model" },
    { ...common, type: "agent" },
  ]);
  for (const { meta } of of("infrastructure")) expect(meta).toEqual({ ...common, protocol: "grpc" });
});
