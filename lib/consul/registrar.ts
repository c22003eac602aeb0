import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { KV_PREFIX } from "../catalog/definition";
import type { BridgeNetwork } from "../docker/bridge-network";
import { Carrier } from "../docker/carrier";
import { HardenedContainer } from "../docker/hardened-container";
import { MEMORY } from "../docker/memory";
import type { Owner } from "../docker/owner";
import { literal } from "../literal";
import { carrierName, PARTS } from "../platform-names";
import { CA_FILE } from "./agent-config";
import { AGENT_NODE } from "./cluster";
import { CONFIG, CONSUL_CONFIG, CONSUL_USER, SECRETS } from "./paths";
import type { SharedAgent } from "./shared-agent";

export interface RegistrarProps {
  readonly owner: Owner;
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

const SCRIPTS = ["registrar.sh", "registrar.awk", "definition.awk"] as const;

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
      files: {
        ...Object.fromEntries(SCRIPTS.map((script) => [script, readRegistrarScript(script)])),
      },
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
      entrypoint: ["/bin/sh", `${CONFIG}/registrar.sh`],
      environment: {
        CONSUL_HTTP_ADDR: `https://${AGENT_NODE}:8501`,
        CONSUL_CACERT: `${SECRETS}/${CA_FILE}`,
        REGISTRAR_TOKEN_FILE: `${SECRETS}/registrar.token`,
        REGISTRATION_TOKEN_FILE: `${SECRETS}/registration.token`,
        REGISTRAR_NODE: AGENT_NODE,
        DEFINITIONS: CONSUL_CONFIG,
        KV_PREFIX,
      },
      networks: [{ network: props.network, aliases: [PARTS.registrar] }],
      data: { [CONSUL_CONFIG]: props.agent.definitions },
      carriers: [config],
      // It reads them for each call, and begins its watches anew where the token or the CA changed.
      livingCarriers: [secrets],
      tmpfs: { "/tmp": 64, "/consul/data": 1 },
      healthcheck: {
        test: ["CMD", "/bin/sh", `${CONFIG}/registrar.sh`, "health"],
        interval: "10s",
        timeout: "10s",
        retries: 3,
      },
    });
  }
}

function readRegistrarScript(name: (typeof SCRIPTS)[number]): string {
  return literal(readFileSync(join(__dirname, "registrar", name), "utf8"));
}
