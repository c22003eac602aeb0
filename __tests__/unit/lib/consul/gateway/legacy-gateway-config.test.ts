import { clusterOf } from "../../../../../lib/consul/cluster.js";
import { renderLegacyGateway, renderLegacyToken } from "../../../../../lib/consul/gateway/legacy-gateway-config.js";
import { NO_TOKEN, PLAIN_NAMES } from "../../../../../lib/consul/nginx/nginx-parameters.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const config = renderLegacyGateway(clusterOf("dc1", 3, "172.30.241.0/24"));
const registration = new RegExp(/location ~ (\S+) \{/.exec(config)?.[1] ?? "no location");

test.each([
  "/v1/agent/service/register",
  "/v1/agent/service/deregister/billing_service-1",
  "/v1/agent/check/register",
  "/v1/agent/check/deregister/own",
  "/v1/agent/check/pass/service:billing_service-1",
  "/v1/agent/check/warn/x",
  "/v1/agent/check/fail/x",
  "/v1/agent/check/update/x",
])("%s is made with the legacy token", (path) => {
  expect(path).toMatch(registration);
});

test.each([
  "/v1/agent/self",
  "/v1/agent/reload",
  "/v1/agent/leave",
  "/v1/agent/token/default",
  "/v1/agent/service/maintenance/x",
  "/v1/agent/service/deregister/a/b",
  "/v1/catalog/register",
  "/v1/kv/catalog/x",
  "/v1/acl/tokens",
  "/ui/v1/agent/service/register",
])("%s is not", (path) => {
  expect(path).not.toMatch(registration);
});

test("the token is included in that location alone, and stands on a line of its own", () => {
  const http = blockOf(config, "http {");
  expect(http.match(/include \S+;/g)).toEqual(["include /rollcall/secrets/token.conf;"]);
  expect(http.indexOf("include ")).toBeGreaterThan(http.indexOf("location ~ "));
  expect(renderLegacyToken("a-b")).toBe('proxy_set_header X-Consul-Token "a-b";\n');
});

test("whatever a service sends as its token is dropped: it reads as anybody may", () => {
  expect(config).toMatch(/^ {2}proxy_set_header X-Consul-Token "";$/m);
  expect(config.match(/proxy_set_header Authorization "";/g)).toHaveLength(2);
});

test("one server gets every request, for an agent knows its own services alone", () => {
  expect(config).toContain("hash legacy consistent;");
  expect(config.match(/server 172\.30\.241\.1[123]:8501 max_fails=1 fail_timeout=10s;/g)).toHaveLength(3);
  expect(blockOf(config, "http {").match(/proxy_pass \S+;/g)).toEqual(
    Array(3).fill("proxy_pass https://consul_servers;"),
  );
});

test("from the control plane nothing is answered", () => {
  expect(config).toMatch(/if \(\$proxy_protocol_server_addr = 172\.30\.241\.22\) \{\s+return 403;/);
});

test("a token in the address is refused, for it would win over the header", () => {
  expect(config).toMatch(/if \(\$token_in_address\) \{\s+return 403;/);
  expect(config).toContain(NO_TOKEN.http);
});

test("a name that is encoded is refused: Consul would read a token in it", () => {
  expect(config).toContain(PLAIN_NAMES.http);
  expect(config).toContain(PLAIN_NAMES.server);
});

test("a body may have 64 KiB and stands in memory, and so many requests and connections may be under way", () => {
  const server = blockOf(blockOf(config, "http {"), "  server {");
  const beforeLocations = server.slice(0, server.indexOf("location"));
  expect(valuesOf(beforeLocations, "client_max_body_size")).toEqual(["64k"]);
  expect(valuesOf(beforeLocations, "client_body_buffer_size")).toEqual(["64k"]);
  // What stands in the server holds for every location that says nothing else.
  expect(valuesOf(beforeLocations, "limit_conn")).toEqual(["requests_per_address 200", "requests_all 900"]);
  expect(valuesOf(config, "limit_conn")).toHaveLength(4);
  expect(valuesOf(blockOf(config, "stream {"), "limit_conn")).toEqual(["http_per_address 1000", "http_all 3000"]);
  const [files = Number.NaN] = valuesOf(config, "worker_rlimit_nofile").map(Number);
  const [connections = Number.NaN] = valuesOf(config, "worker_connections").map(Number);
  expect(connections).toBeGreaterThanOrEqual(3 * 3000 + 900);
  expect(files).toBeGreaterThan(connections);
});

test("no fault of a request is written to its log, with what stands in its query", () => {
  expect(valuesOf(blockOf(config, "http {"), "error_log")).toEqual(["/dev/stderr emerg"]);
});
