import { clusterOf } from "../../lib/consul/cluster";
import { renderLegacyGateway, renderLegacyToken } from "../../lib/consul/legacy-gateway-config";

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
  expect(config.match(/include \S+;/g)).toEqual(["include /rollcall/secrets/token.conf;"]);
  expect(config.indexOf("include ")).toBeGreaterThan(config.indexOf("location ~ "));
  expect(renderLegacyToken("a-b")).toBe('proxy_set_header X-Consul-Token "a-b";\n');
});

test("whatever a service sends as its token is dropped: it reads as anybody may", () => {
  expect(config).toMatch(/^ {2}proxy_set_header X-Consul-Token "";$/m);
  expect(config.match(/proxy_set_header Authorization "";/g)).toHaveLength(2);
});

test("one server gets every request, for an agent knows its own services alone", () => {
  expect(config).toContain("hash legacy consistent;");
  expect(config.match(/server 172\.30\.241\.1[123]:8501 max_fails=1 fail_timeout=10s;/g)).toHaveLength(3);
  expect(config.match(/proxy_pass \S+;/g)).toEqual(Array(3).fill("proxy_pass https://consul_servers;"));
});

test("from the control plane nothing is answered", () => {
  expect(config).toMatch(/if \(\$server_addr = 172\.30\.241\.22\) \{\s+return 403;/);
});

test("a token in the address is refused, for it would win over the header", () => {
  expect(config).toMatch(/if \(\$arg_token != ""\) \{\s+return 403;/);
});
