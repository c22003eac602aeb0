import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { KV_PREFIX } from "../../catalog/definition.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { bundleProgram } from "../../docker/bundle.js";
import { Carrier } from "../../docker/carrier.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { asked } from "../../docker/health-check.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, PARTS, PROGRAM_PORTS } from "../../platform-names.js";
import { CA_FILE } from "../agents/agent-config.js";
import type { SharedAgent } from "../agents/shared-agent.js";
import { AGENT_NODE } from "../cluster.js";
import { CONFIG, CONSUL_CONFIG, CONSUL_USER, SECRETS } from "../paths.js";

export interface RegistrarProps {
  readonly owner: Owner;
  /** One with Node. */
  readonly image: string;
  readonly network: BridgeNetwork;
  /** What it verifies the agent with, PEM. */
  readonly trustPem: string;
  /** The agent that it tells about each changed service, and whose definitions it writes. */
  readonly agent: SharedAgent;
  /** Reads the catalog and the checks, deregisters what was removed. */
  readonly registrarToken: string;
  /** May register the declared services and nothing else. */
  readonly registrationToken: string;
}

/** With 4,000 services it needs two thirds of what it takes without: Node collects its garbage late. */
export const REGISTRAR_NODE_OPTIONS = "--max-semi-space-size=4 --max-old-space-size=96";

/** `consul-registrar`: carries the declared services from Consul KV to the shared agent, and keeps them there. */
export class Registrar extends Construct {
  /**
   * For `depends_on`: a changed program replaces this carrier, and Terraform ends the registrar that ran the earlier one
   * before that. Not the container itself, which is healthy only once nothing in KV is refused: what mends KV must not
   * wait for it.
   */
  readonly program: ITerraformDependable;

  constructor(scope: Construct, id: string, props: RegistrarProps) {
    super(scope, id);
    const { owner, image } = props;
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PARTS.registrar, "config"),
      folder: CONFIG,
      files: { "registrar.mjs": literal(bundleProgram("registrar")) },
    });
    this.program = config.resource;
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(PARTS.registrar, "secrets"),
      folder: SECRETS,
      files: {
        "registrar.token": props.registrarToken,
        "registration.token": props.registrationToken,
        [CA_FILE]: props.trustPem,
      },
    });
    new HardenedContainer(this, "Registrar", {
      owner,
      image,
      name: PARTS.registrar,
      user: CONSUL_USER,
      memory: MEMORY.registrar,
      entrypoint: ["/usr/bin/env", "node", `${CONFIG}/registrar.mjs`],
      environment: {
        NODE_OPTIONS: REGISTRAR_NODE_OPTIONS,
        CONSUL_HTTP_ADDR: `https://${AGENT_NODE}:8501`,
        CONSUL_CACERT: `${SECRETS}/${CA_FILE}`,
        REGISTRAR_TOKEN_FILE: `${SECRETS}/registrar.token`,
        REGISTRATION_TOKEN_FILE: `${SECRETS}/registration.token`,
        REGISTRAR_NODE: AGENT_NODE,
        REGISTRAR_PORT: String(PROGRAM_PORTS.registrar),
        DEFINITIONS: CONSUL_CONFIG,
        KV_PREFIX,
      },
      networks: [{ network: props.network, aliases: [PARTS.registrar] }],
      data: { [CONSUL_CONFIG]: props.agent.definitions },
      carriers: [config],
      // It reads them for each call.
      livingCarriers: [secrets],
      init: true,
      healthcheck: {
        test: asked(`http://127.0.0.1:${PROGRAM_PORTS.registrar}/health`),
        interval: "10s",
        timeout: "10s",
        retries: 3,
      },
    });
  }
}
