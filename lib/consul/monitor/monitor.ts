import { Construct } from "constructs";
import { KV_PREFIX } from "../../catalog/definition.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { bundleProgram } from "../../docker/bundle.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { asked } from "../../docker/health-check.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import type { CatalogFacts } from "../../monitoring/catalog-facts.js";
import { MONITOR_FILE, type MonitorConfig } from "../../monitoring/monitor-config.js";
import { carrierName, PARTS, PROGRAM_PORTS } from "../../platform-names.js";
import { CA_FILE, PAIR_FILE } from "../agents/agent-config.js";
import { AGENT_NODE, type Cluster, serverTlsName } from "../cluster.js";
import { ANYBODYS, CONFIG, CONSUL_USER, HISTORY_FOLDER, SECRETS } from "../paths.js";
import type { Certificate } from "../tls/certificate-authority.js";

export interface ConsulMonitorProps {
  readonly owner: Owner;
  /** One with Node. */
  readonly image: string;
  readonly cluster: Cluster;
  readonly network: BridgeNetwork;
  /** What it verifies servers and gateway with, PEM. */
  readonly trustPem: string;
  /** What it shows the servers. */
  readonly certificate: Certificate;
  /** May read the catalog and how everything is, sensitive. */
  readonly token: string;
  /** What Consul KV does not say of the services. */
  readonly facts: CatalogFacts;
  /** Whether there is a scheduled backup to ask for its last success. */
  readonly hasBackup: boolean;
  /** Whether Terraform refuses to destroy its history. */
  readonly protectData: boolean;
}

/** Without it, it would need more with 4,000 services: Node collects its garbage late. */
export const MONITOR_NODE_OPTIONS = "--max-semi-space-size=4 --max-old-space-size=64";

/** `consul-monitor`: knows declared against registered, exports it, and keeps the history of what changed. */
export class ConsulMonitor extends Construct {
  constructor(scope: Construct, id: string, props: ConsulMonitorProps) {
    super(scope, id);
    const { owner, image } = props;
    const history = new DataVolume(this, "History", {
      owner,
      name: `${PARTS.monitor}-data`,
      isProtected: props.protectData,
    });
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PARTS.monitor, "config"),
      folder: CONFIG,
      files: {
        "monitor.mjs": literal(bundleProgram("monitor")),
        [MONITOR_FILE]: literal(JSON.stringify(configOf(props), null, 2)),
      },
      prepares: { [ANYBODYS]: history },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(PARTS.monitor, "secrets"),
      folder: SECRETS,
      files: {
        "monitor.token": props.token,
        [CA_FILE]: props.trustPem,
        [PAIR_FILE]: props.certificate.pairPem,
      },
    });
    new HardenedContainer(this, "Monitor", {
      owner,
      image,
      name: PARTS.monitor,
      user: CONSUL_USER,
      memory: MEMORY.monitor,
      entrypoint: [
        "/usr/bin/env",
        "node",
        `${CONFIG}/monitor.mjs`,
        `${CONFIG}/${MONITOR_FILE}`,
        String(PROGRAM_PORTS.monitor),
      ],
      environment: { NODE_OPTIONS: MONITOR_NODE_OPTIONS },
      networks: [{ network: props.network, aliases: [PARTS.monitor] }],
      data: { [ANYBODYS]: history },
      carriers: [config],
      // It reads them for each call.
      livingCarriers: [secrets],
      init: true,
      healthcheck: {
        test: asked(`http://127.0.0.1:${PROGRAM_PORTS.monitor}/health`),
        // `up` waits for the first one that passes.
        interval: "5s",
        timeout: "10s",
        retries: 6,
      },
    });
  }
}

function configOf({ cluster, facts, hasBackup }: ConsulMonitorProps): MonitorConfig {
  return {
    servers: cluster.servers.map(({ name, address }) => ({ name, address })),
    serverPort: 8501,
    serverName: serverTlsName(cluster),
    caFile: `${SECRETS}/${CA_FILE}`,
    pairFile: `${SECRETS}/${PAIR_FILE}`,
    tokenFile: `${SECRETS}/monitor.token`,
    node: AGENT_NODE,
    agent: `${AGENT_NODE}:8501`,
    gateway: `${PARTS.gateway}:8501`,
    ...(hasBackup ? { backup: `http://${PARTS.backup}:${PROGRAM_PORTS.backup}/metrics` } : {}),
    prefix: KV_PREFIX,
    facts,
    folder: HISTORY_FOLDER,
  };
}
