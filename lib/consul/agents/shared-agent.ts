import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { ImageFolder } from "../../docker/image-folder.js";
import { goMemoryLimit, MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, programsName } from "../../platform-names.js";
import { AGENT_NODE, type Cluster } from "../cluster.js";
import { AUDIT_TMPFS, auditFiles } from "../nginx/audit.js";
import { CLOSING, NGINX_TMPFS } from "../nginx/nginx.js";
import { FRONT_SYSCTLS } from "../nginx/nginx-front.js";
import { AUDIT, CONFIG, CONSUL_CONFIG, CONSUL_DATA, CONSUL_USER, DEFINITIONS, PROGRAMS, SECRETS } from "../paths.js";
import { AGENT, readScript, TAKE_ANEW } from "../scripts/read-script.js";
import type { Certificate } from "../tls/certificate-authority.js";
import {
  AGENT_TOKEN_META,
  CA_FILE,
  CONFIG_FILE,
  gossipConfig,
  PAIR_FILE,
  SECRETS_FILE,
  sharedAgentConfig,
  tokensConfig,
} from "./agent-config.js";
import { AGENT_DOOR_FILE, renderAgentDoor } from "./agent-door-config.js";
import { TAKE_ANEW_ROTATE_AND_CHECK } from "./self-check.js";

export interface SharedAgentProps {
  readonly owner: Owner;
  readonly cluster: Cluster;
  /** Consul's. */
  readonly image: string;
  /** The one that it runs in, with Nginx: Consul needs nothing of its own image but its program. */
  readonly nginxImage: string;
  /** Where the servers are; the address that it advertises is here. */
  readonly controlNetwork: BridgeNetwork;
  /** Where the services are that it checks. */
  readonly platformNetwork: BridgeNetwork;
  /** Where they are besides: Docker networks that somebody else made. */
  readonly foreignNetworks: readonly string[];
  /** What it verifies others with: the CA's certificate and the next one's, PEM. */
  readonly trustPem: string;
  readonly certificate: Certificate;
  readonly gossipKey: string;
  readonly agentToken: string;
  /** The accessor id of the same, which is no secret. */
  readonly agentTokenId: string;
  /** May register the declared services and nothing else. */
  readonly registrationToken: string;
}

/** `consul-agent-shared`: checks and registers every service, and serves the platform's applications. */
export class SharedAgent extends Construct {
  /** The definitions that it loads when it starts; the registrar writes them. */
  readonly definitions: DataVolume;

  constructor(scope: Construct, id: string, props: SharedAgentProps) {
    super(scope, id);
    const { owner, cluster, image } = props;
    this.definitions = new DataVolume(this, "Definitions", { owner, name: `${AGENT_NODE}-definitions` });
    const data = new DataVolume(this, "Data", { owner, name: `${AGENT_NODE}-data` });
    const audit = new DataVolume(this, "Audit", { owner, name: `${AGENT_NODE}-audit` });
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(AGENT_NODE, "config"),
      folder: CONFIG,
      files: {
        [CONFIG_FILE]: literal(JSON.stringify(sharedAgentConfig(cluster), null, 2)),
        [AGENT_DOOR_FILE]: literal(renderAgentDoor()),
        [AGENT]: readScript(AGENT),
        "healthy.sh": readScript("leader-known.sh"),
        [TAKE_ANEW]: readScript(TAKE_ANEW),
        ...auditFiles(),
      },
      prepares: { [CONSUL_CONFIG]: this.definitions, [CONSUL_DATA]: data },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(AGENT_NODE, "secrets"),
      folder: SECRETS,
      files: {
        [SECRETS_FILE]: JSON.stringify({
          ...gossipConfig(props.gossipKey),
          ...tokensConfig({
            agent: props.agentToken,
            config_file_service_registration: props.registrationToken,
          }),
          node_meta: { [AGENT_TOKEN_META]: props.agentTokenId },
        }),
        [CA_FILE]: props.trustPem,
        [PAIR_FILE]: props.certificate.pairPem,
      },
      prepares: { [CONSUL_DATA]: audit },
    });
    new HardenedContainer(this, "Agent", {
      owner,
      image: props.nginxImage,
      name: AGENT_NODE,
      user: CONSUL_USER,
      memory: MEMORY.agent + MEMORY.agentDoor,
      sysctls: FRONT_SYSCTLS,
      environment: {
        ...goMemoryLimit(MEMORY.agent),
        // What people call there by name: `docker exec consul-agent-shared consul members`.
        PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${PROGRAMS}`,
        TAKE_ANEW_NOTICE: CLOSING,
      },
      init: true,
      entrypoint: [
        "/bin/sh",
        `${CONFIG}/${AGENT}`,
        `${CONFIG}/${AGENT_DOOR_FILE}`,
        `${PROGRAMS}/consul`,
        "agent",
        `-config-file=${CONFIG}/${CONFIG_FILE}`,
        `-config-file=${SECRETS}/${SECRETS_FILE}`,
        `-config-dir=${DEFINITIONS}`,
      ],
      networks: [
        { network: props.controlNetwork, aliases: [AGENT_NODE], ipv4Address: cluster.agent.address },
        { network: props.platformNetwork, aliases: [AGENT_NODE] },
      ],
      foreignNetworks: props.foreignNetworks,
      data: { [CONSUL_DATA]: data, [AUDIT]: audit },
      tmpfs: { ...NGINX_TMPFS, ...AUDIT_TMPFS },
      programs: {
        [PROGRAMS]: new ImageFolder(this, "Programs", { owner, image, name: programsName(AGENT_NODE), folder: "/bin" }),
      },
      reads: { [DEFINITIONS]: this.definitions },
      carriers: [config],
      livingCarriers: [secrets],
      healthcheck: TAKE_ANEW_ROTATE_AND_CHECK,
    });
  }
}
