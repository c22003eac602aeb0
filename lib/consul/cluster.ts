import { addressIn } from "../docker/fixed-address.js";
import { PARTS, serverName } from "../platform-names.js";

/** Where the members of the control plane stand. Pure: every stack computes the same from the same settings. */
export interface Cluster {
  readonly datacenter: string;
  readonly servers: readonly ClusterMember[];
  readonly agent: ClusterMember;
  /** Where the prober listens, if the catalog needs one. */
  readonly proberAddress: string;
  /** Where the legacy gateway stands, if there is one. */
  readonly legacyAddress: string;
}

export interface ClusterMember {
  /** Consul's `node_name`, the container's name without prefix, and its name on the control-plane network. */
  readonly name: string;
  /** Fixed: Raft peers stay valid when a container is replaced, and Nginx resolves a name only once. */
  readonly address: string;
}

/** The node that all services are registered on. */
export const AGENT_NODE = PARTS.agent;

export function clusterOf(datacenter: string, servers: number, controlSubnet: string): Cluster {
  return {
    datacenter,
    servers: Array.from({ length: servers }, (_, index) => ({
      name: serverName(index + 1),
      address: addressIn(controlSubnet, 11 + index),
    })),
    agent: { name: AGENT_NODE, address: addressIn(controlSubnet, 20) },
    proberAddress: addressIn(controlSubnet, 21),
    legacyAddress: addressIn(controlSubnet, 22),
  };
}

/** The name that every server's certificate carries and every Consul client verifies. */
export function serverTlsName(cluster: Cluster): string {
  return `server.${cluster.datacenter}.consul`;
}
