import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { goMemoryLimit, MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, SERVERS_ALIAS } from "../../platform-names.js";
import type { Cluster, ClusterMember } from "../cluster.js";
import { CONFIG, CONSUL_BINARY, CONSUL_DATA, CONSUL_USER, SECRETS, TOKENS } from "../paths.js";
import { readScript, TAKE_ANEW } from "../scripts/read-script.js";
import type { Certificate } from "../tls/certificate-authority.js";
import {
  CA_FILE,
  CONFIG_FILE,
  gossipConfig,
  PAIR_FILE,
  SECRETS_FILE,
  serverConfig,
  TOKENS_FILE,
  tokensConfig,
} from "./agent-config.js";

export interface ConsulServerProps {
  readonly owner: Owner;
  readonly cluster: Cluster;
  /** Which of the cluster's servers this is. */
  readonly self: ClusterMember;
  readonly image: string;
  readonly network: BridgeNetwork;
  /** What it verifies others with: the CA's certificate and the next one's, PEM. */
  readonly trustPem: string;
  readonly certificate: Certificate;
  readonly gossipKey: string;
  readonly managementToken: string;
  /** Consul's `performance.raft_multiplier`. */
  readonly raftMultiplier: number;
  /** Terraform refuses to destroy its data volume. */
  readonly protectData: boolean;
}

/** One Consul server: its data volume, its files, its container. The apply waits until it is a peer with a leader. */
export class ConsulServer extends Construct {
  constructor(scope: Construct, id: string, props: ConsulServerProps) {
    super(scope, id);
    const { owner, self, cluster, image } = props;
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(self.name, "config"),
      folder: CONFIG,
      files: {
        [CONFIG_FILE]: literal(JSON.stringify(serverConfig(cluster, self, props.raftMultiplier), null, 2)),
        "healthy.sh": readScript("server-healthy.sh"),
        [TAKE_ANEW]: readScript(TAKE_ANEW),
      },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(self.name, "secrets"),
      folder: SECRETS,
      files: {
        [SECRETS_FILE]: JSON.stringify(gossipConfig(props.gossipKey)),
        [CA_FILE]: props.trustPem,
        [PAIR_FILE]: props.certificate.pairPem,
      },
    });
    const tokens = new Carrier(this, "Tokens", {
      owner,
      image,
      name: carrierName(self.name, "tokens-secrets"),
      folder: TOKENS,
      files: {
        // The agent token is the management token, which a server holds anyway: decision 004.
        [TOKENS_FILE]: JSON.stringify(
          tokensConfig({ initial_management: props.managementToken, agent: props.managementToken }),
        ),
      },
    });
    new HardenedContainer(this, "Server", {
      owner,
      image,
      name: self.name,
      user: CONSUL_USER,
      memory: MEMORY.server,
      environment: goMemoryLimit(MEMORY.server),
      init: true,
      entrypoint: [
        CONSUL_BINARY,
        "agent",
        `-config-file=${CONFIG}/${CONFIG_FILE}`,
        `-config-file=${SECRETS}/${SECRETS_FILE}`,
        `-config-file=${TOKENS}/${TOKENS_FILE}`,
      ],
      networks: [{ network: props.network, aliases: [self.name, SERVERS_ALIAS], ipv4Address: self.address }],
      data: {
        [CONSUL_DATA]: new DataVolume(this, "Data", {
          owner,
          name: `${self.name}-data`,
          isProtected: props.protectData,
        }),
      },
      // A running server would install the `initial_management` that it began with whenever it takes the leadership.
      carriers: [config, tokens],
      livingCarriers: [secrets],
      healthcheck: {
        test: [
          "CMD",
          "/bin/sh",
          `${CONFIG}/${TAKE_ANEW}`,
          `${CONFIG}/healthy.sh`,
          self.address,
          ...cluster.servers.filter((server) => server !== self).map((server) => server.name),
        ],
        interval: "3s",
        timeout: "15s",
        retries: 10,
      },
    });
  }
}
