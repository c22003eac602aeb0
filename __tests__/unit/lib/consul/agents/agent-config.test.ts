import {
  AGENT_CONNECTIONS,
  serverConfig,
  sharedAgentConfig,
  tokensConfig,
} from "../../../../../lib/consul/agents/agent-config.js";
import { clusterOf } from "../../../../../lib/consul/cluster.js";

const cluster = clusterOf("dc1", 3, "172.30.241.0/24");
const config = sharedAgentConfig(cluster);

test("the shared agent is a client that joins through the name that all servers share", () => {
  expect(config).toMatchObject({
    server: false,
    node_name: "consul-agent-shared",
    datacenter: "dc1",
    retry_join: ["staging-consul"],
  });
  expect(config).not.toHaveProperty("bootstrap_expect");
});

test("it advertises its address in the control plane, though it stands in both networks", () => {
  expect(config).toMatchObject({ bind_addr: "172.30.241.20", advertise_addr: "172.30.241.20" });
});

test("nobody reaches its API but the Nginx beside it; its DNS serves both networks", () => {
  expect(config).toMatchObject({
    addresses: { http: "unix:///tmp/consul-api", dns: "0.0.0.0" },
    ports: { http: 8500, https: -1, dns: 8600, grpc: -1, grpc_tls: -1 },
  });
  expect(config).not.toHaveProperty("client_addr");
});

test("RPC to the servers is TLS with their host name verified", () => {
  expect(config).toMatchObject({
    tls: {
      defaults: { verify_outgoing: true, tls_min_version: "TLSv1_2" },
      internal_rpc: { verify_incoming: true, verify_server_hostname: true },
    },
  });
});

test("an application's token decides", () => {
  expect(config.acl).toMatchObject({ enabled: true, default_policy: "deny", enable_token_persistence: false });
});

test("a right that was just given counts within two seconds", () => {
  expect(config.acl).toMatchObject({ token_ttl: "2s", policy_ttl: "2s" });
});

test("it refuses Nginx, through which everybody comes, no connection", () => {
  expect(config).toMatchObject({ limits: { http_max_conns_per_client: AGENT_CONNECTIONS + 200 } });
});

test("no check can run a command on it", () => {
  for (const enabled of ["enable_script_checks", "enable_local_script_checks"])
    expect(config).not.toHaveProperty(enabled);
});

test("neither a stop nor an interrupt takes the services out of the catalog", () => {
  expect(config).toMatchObject({ leave_on_terminate: false, skip_leave_on_interrupt: true });
});

test("the definitions are never reloaded by themselves: a reload would shift every check", () => {
  expect(config).not.toHaveProperty("auto_reload_config");
});

test("servers and agent agree on datacenter, CA and the least TLS version; only a server asks for one on HTTPS", () => {
  const [self] = cluster.servers;
  if (self === undefined) throw new Error("the cluster has no server");
  const server = serverConfig(cluster, self, 1);
  expect(server.datacenter).toBe(config.datacenter);
  expect({ ...Object(config.tls), https: { verify_incoming: true } }).toEqual(server.tls);
});

test("the visible configuration holds no secret", () => {
  expect(config).not.toHaveProperty("encrypt");
  expect(JSON.stringify(config)).not.toMatch(/token(?!_persistence|_ttl)|secret(?!s\/(pair|ca)\.pem)|encrypt/i);
});

test("the agent's secrets are its own token and the one for definitions in files, no management token", () => {
  expect(tokensConfig({ agent: "one", config_file_service_registration: "two" })).toEqual({
    acl: { tokens: { agent: "one", config_file_service_registration: "two" } },
  });
});

test("the agent's DNS spends no byte of an answer on what nodes say of themselves: instances would be left out", () => {
  expect(config).toMatchObject({ dns_config: { enable_additional_node_meta_txt: false } });
});
