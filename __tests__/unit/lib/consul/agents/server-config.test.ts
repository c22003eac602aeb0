import {
  type ConsulConfig,
  gossipConfig,
  serverConfig,
  tokensConfig,
} from "../../../../../lib/consul/agents/agent-config.js";
import { type Cluster, clusterOf, serverTlsName } from "../../../../../lib/consul/cluster.js";

/** The configurations of all servers of a cluster of that size. */
function configsOf(servers: number, raftMultiplier = 1): readonly ConsulConfig[] {
  const cluster = clusterOf("dc1", servers, "172.30.241.0/24");
  return cluster.servers.map((self) => serverConfig(cluster, self, raftMultiplier));
}

const three: Cluster = clusterOf("dc1", 3, "172.30.241.0/24");
const [first, second, third] = configsOf(3);

test("the members of the control plane have fixed addresses below those that Docker gives out", () => {
  expect(three).toEqual({
    datacenter: "dc1",
    servers: [
      { name: "consul-server-1", address: "172.30.241.11" },
      { name: "consul-server-2", address: "172.30.241.12" },
      { name: "consul-server-3", address: "172.30.241.13" },
    ],
    agent: { name: "consul-agent-shared", address: "172.30.241.20" },
    proberAddress: "172.30.241.21",
    legacyAddress: "172.30.241.22",
  });
});

test("five servers still leave the agent's address free", () => {
  const { servers, agent } = clusterOf("dc1", 5, "10.9.8.0/24");
  expect(servers.map(({ address }) => address)).toEqual([
    "10.9.8.11",
    "10.9.8.12",
    "10.9.8.13",
    "10.9.8.14",
    "10.9.8.15",
  ]);
  expect(agent.address).toBe("10.9.8.20");
});

test("clients verify one name of all servers, that of the datacenter", () => {
  expect(serverTlsName(clusterOf("ish-chat-dc1", 1, "10.0.0.0/24"))).toBe("server.ish-chat-dc1.consul");
});

test.each([1, 3, 5])("of %i servers each expects the same number and keeps as many peers", (servers) => {
  for (const config of configsOf(servers))
    expect(config).toMatchObject({ server: true, bootstrap_expect: servers, autopilot: { min_quorum: servers } });
});

test("a server keeps a snapshot of its own of almost all that it knows: it begins with it (decision 018)", () => {
  for (const config of configsOf(3)) expect(config).toMatchObject({ raft_snapshot_threshold: 64 });
});

/** The shared agent, which knows who is there while servers start. */
const AGENT = "172.30.241.20";

test("each server is itself and joins the others and the shared agent, never itself", () => {
  expect(first).toMatchObject({
    node_name: "consul-server-1",
    bind_addr: "172.30.241.11",
    advertise_addr: "172.30.241.11",
    retry_join: ["172.30.241.12", "172.30.241.13", AGENT],
  });
  expect(second).toMatchObject({ node_name: "consul-server-2", retry_join: ["172.30.241.11", "172.30.241.13", AGENT] });
  expect(third).toMatchObject({ node_name: "consul-server-3", retry_join: ["172.30.241.11", "172.30.241.12", AGENT] });
});

test("a single server joins the shared agent alone", () => {
  expect(configsOf(1)).toEqual([expect.objectContaining({ retry_join: [AGENT], bootstrap_expect: 1 })]);
});

test("RPC is TLS, verified both ways and by host name", () => {
  expect(first).toMatchObject({
    tls: {
      defaults: {
        ca_file: "/rollcall/secrets/ca.pem",
        cert_file: "/rollcall/secrets/pair.pem",
        key_file: "/rollcall/secrets/pair.pem",
        verify_outgoing: true,
        tls_min_version: "TLSv1_2",
      },
      internal_rpc: { verify_incoming: true, verify_server_hostname: true },
    },
  });
});

test("HTTPS is for those who have a certificate of the CA", () => {
  expect(first).toMatchObject({ tls: { https: { verify_incoming: true } } });
});

test("plaintext HTTP and DNS are on the container's loopback alone, HTTPS is for the others", () => {
  expect(first).toMatchObject({
    addresses: { http: "127.0.0.1", dns: "127.0.0.1", https: "0.0.0.0" },
    ports: { http: 8500, https: 8501, dns: 8600 },
  });
  // Either would put the plaintext ports on the network again.
  expect(first).not.toHaveProperty("client_addr");
});

test("what the platform does not use is closed", () => {
  expect(first).toMatchObject({
    ports: { grpc: -1, grpc_tls: -1 },
    connect: { enabled: false },
    peering: { enabled: false },
    disable_update_check: true,
  });
  for (const enabled of ["enable_script_checks", "enable_local_script_checks", "enable_remote_script_checks"])
    expect(first).not.toHaveProperty(enabled);
});

test("whoever has no right is refused, and no token is kept that the file does not hold", () => {
  expect(first?.acl).toEqual({
    enabled: true,
    default_policy: "deny",
    down_policy: "extend-cache",
    enable_token_persistence: false,
  });
});

test("a server that is stopped stays a member", () => {
  expect(first?.leave_on_terminate ?? false).toBe(false);
});

test("the raft multiplier is the setting's", () => {
  expect(configsOf(3, 7)[0]).toMatchObject({ performance: { raft_multiplier: 7 } });
});

test("metrics are kept for two scrapes", () => {
  expect(first).toMatchObject({ telemetry: { prometheus_retention_time: "60s", disable_hostname: true } });
});

test("the visible configuration holds no secret", () => {
  expect(first).not.toHaveProperty("encrypt");
  expect(JSON.stringify(configsOf(5))).not.toMatch(/token(?!_persistence)|secret(?!s\/(pair|ca)\.pem)|encrypt/i);
});

test("the secret configurations hold the gossip key and the tokens, and nothing else", () => {
  expect(gossipConfig("the-key")).toEqual({ encrypt: "the-key" });
  expect(tokensConfig({ initial_management: "the-token", agent: "the-token" })).toEqual({
    acl: { tokens: { initial_management: "the-token", agent: "the-token" } },
  });
});
