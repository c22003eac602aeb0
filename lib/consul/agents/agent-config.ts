import { SERVERS_ALIAS } from "../../platform-names.js";
import type { Cluster, ClusterMember } from "../cluster.js";
import { CONSUL_API, CONSUL_DATA, SECRETS } from "../paths.js";

/** A Consul configuration file, in Consul's own words. */
export type ConsulConfig = Readonly<Record<string, unknown>>;

/** File names within CONFIG, SECRETS and TOKENS. */
export const CONFIG_FILE = "agent.json";
export const CA_FILE = "ca.pem";
/** Certificate and key in one: a Consul that is told to read them again between the two loses all its services. */
export const PAIR_FILE = "pair.pem";
export const SECRETS_FILE = "secrets.json";
export const TOKENS_FILE = "tokens.json";

/** The node's meta in which the shared agent says which token it has, by the accessor id that anybody may know. */
export const AGENT_TOKEN_META = "agent-token";

/**
 * Entries of the raft log between two of a server's own snapshots; Consul's default is 16384. A server that becomes the
 * leader before it has read its log again makes a new anonymous token, without rights, for the first request that has
 * none, and what was granted is lost. It begins with what its snapshot holds: decision 018.
 */
const SNAPSHOT_THRESHOLD = 64;

/** How many connections the Nginx in front of the shared agent has to Consul at most: a request each. */
export const AGENT_CONNECTIONS = 3000;

/**
 * What is asked with `?cached` is kept for days by the name that was asked for, and anybody may make names up: 19,000 of them
 * ended the agent, of which each also waited at a server.
 */
const NO_CACHE = { use_cache: false } as const;

/** The tokens that an agent holds in its configuration (Consul's `acl.tokens`). */
export interface AgentTokens {
  readonly initial_management?: string;
  readonly agent: string;
  readonly config_file_service_registration?: string;
}

/** The visible configuration of a server: TLS on RPC and HTTPS, plaintext on its loopback alone, ACL deny. */
export function serverConfig(cluster: Cluster, self: ClusterMember, raftMultiplier: number): ConsulConfig {
  return {
    ...common(cluster, self),
    server: true,
    // The same on all: a server that lost its volume must rejoin, never found a second cluster.
    bootstrap_expect: cluster.servers.length,
    // The agent too: a leader that does not know it yet after a start of all servers would take it for gone for good, and
    // every service with it (Consul's `reconcileReaped`).
    retry_join: [...cluster.servers.filter((server) => server !== self), cluster.agent].map(({ address }) => address),
    addresses: { http: "127.0.0.1", dns: "127.0.0.1", https: "0.0.0.0" },
    ports: { http: 8500, https: 8501, dns: 8600, grpc: -1, grpc_tls: -1 },
    // Of a server HTTPS too: only the gateways and the backup ask there, and each has a certificate (decision 022).
    tls: { ...tlsDefaults(), https: { verify_incoming: true } },
    performance: { raft_multiplier: raftMultiplier },
    raft_snapshot_threshold: SNAPSHOT_THRESHOLD,
    // Equal to the number of servers: a dead one is kept as a peer, so that autopilot's health shows its loss.
    autopilot: { min_quorum: cluster.servers.length },
    connect: { enabled: false },
    http_config: NO_CACHE,
    peering: { enabled: false },
    ui_config: { enabled: true },
    // All the gateway's users come from one address; Consul's default of 200 would be theirs together.
    limits: { http_max_conns_per_client: 1000 },
  };
}

/** The visible configuration of the shared agent, whose API an Nginx serves on 8500 and 8501 (`agent-door-config.ts`). */
export function sharedAgentConfig(cluster: Cluster): ConsulConfig {
  return {
    ...common(cluster, cluster.agent),
    server: false,
    retry_join: [SERVERS_ALIAS],
    addresses: { http: `unix://${CONSUL_API}`, dns: "0.0.0.0" },
    ports: { http: 8500, https: -1, dns: 8600, grpc: -1, grpc_tls: -1 },
    tls: tlsDefaults(),
    // In an answer of 512 bytes, what the node says of itself would take the place of instances.
    dns_config: { enable_additional_node_meta_txt: false },
    http_config: NO_CACHE,
    // The same for what Consul keeps of a blocking query, for 20 minutes: 10,000 names ended the agent and a server.
    use_streaming_backend: false,
    // Terminated means replaced or restarted: leaving would take every service out of the catalog meanwhile.
    leave_on_terminate: false,
    skip_leave_on_interrupt: true,
    // Everybody is the same client to it: Nginx bounds what one address may ask (decision 017).
    limits: { http_max_conns_per_client: AGENT_CONNECTIONS + 200 },
    // A service added to the catalog needs its new right at the agent at once, not after the default 30 s.
    acl: { ...acl(), token_ttl: "2s", policy_ttl: "2s" },
  };
}

/** The gossip key, for a member that has no keyring yet: from then on its keyring counts, not this. */
export function gossipConfig(gossipKey: string): ConsulConfig {
  return { encrypt: gossipKey };
}

/** The tokens that an agent holds. */
export function tokensConfig(tokens: AgentTokens): ConsulConfig {
  return { acl: { tokens } };
}

function common(cluster: Cluster, self: ClusterMember): Record<string, unknown> {
  return {
    datacenter: cluster.datacenter,
    node_name: self.name,
    data_dir: CONSUL_DATA,
    bind_addr: self.address,
    advertise_addr: self.address,
    acl: acl(),
    // Two scrape intervals of 30 s, so that a missed one leaves no gap.
    telemetry: { prometheus_retention_time: "60s", disable_hostname: true },
    disable_update_check: true,
    log_level: "info",
  };
}

function acl() {
  return {
    enabled: true,
    default_policy: "deny",
    down_policy: "extend-cache",
    // Tokens come from files alone; a persisted one would win over the file silently.
    enable_token_persistence: false,
  };
}

function tlsDefaults() {
  return {
    defaults: {
      ca_file: `${SECRETS}/${CA_FILE}`,
      cert_file: `${SECRETS}/${PAIR_FILE}`,
      key_file: `${SECRETS}/${PAIR_FILE}`,
      verify_outgoing: true,
      tls_min_version: "TLSv1_2",
    },
    internal_rpc: { verify_incoming: true, verify_server_hostname: true },
  };
}
