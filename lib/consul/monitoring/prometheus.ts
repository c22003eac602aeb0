import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Construct } from "constructs";
import type { Service } from "../../catalog/types.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import type { Owner } from "../../docker/owner.js";
import { probesOf } from "../../monitoring/export/probes.js";
import type { Place, Reach } from "../../monitoring/export/scrape-config.js";
import { renderTargets } from "../../monitoring/export/targets.js";
import { CONSOLE, PATHS, renderPrometheusConfig } from "../../monitoring/prometheus-config.js";
import type { PlatformFacts } from "../../monitoring/records/constants.js";
import { renderRules } from "../../monitoring/render-rules.js";
import { ruleFiles } from "../../monitoring/rules.js";
import { RUNBOOKS } from "../../monitoring/runbooks.js";
import { MONITORING_PORTS, PARTS } from "../../platform-names.js";
import { CA_FILE, PAIR_FILE } from "../agents/agent-config.js";
import { CONFIG, SECRETS } from "../paths.js";
import type { Certificate } from "../tls/certificate-authority.js";
import { passedTargets } from "./application-metrics-config.js";
import { ReloadingProgram } from "./reloading-program.js";

export interface PrometheusProps {
  readonly owner: Owner;
  readonly image: string;
  /** Where the platform's programs and servers answer. */
  readonly controlNetwork: BridgeNetwork;
  /** Where the probes are asked. */
  readonly monitoringNetwork: BridgeNetwork;
  readonly place: Place;
  readonly services: readonly Service[];
  readonly facts: PlatformFacts;
  /** What it verifies servers and agent with, PEM. */
  readonly trustPem: string;
  /** What it shows them. */
  readonly certificate: Certificate;
  /** May read each agent's metrics, sensitive. */
  readonly token: string;
  /** The address of the pages that the gateway serves, such as `https://localhost:8501`. */
  readonly externalUrl: string;
  readonly retentionDays: number;
  readonly retentionGigabytes: number;
}

const DATA = "/prometheus";
const TARGETS = { probes: "probes.json", applications: "applications.json" } as const;
const TOKEN_FILE = "prometheus.token";

const REACH: Reach = {
  own: {
    token: `${SECRETS}/${TOKEN_FILE}`,
    ca: `${SECRETS}/${CA_FILE}`,
    certificate: `${SECRETS}/${PAIR_FILE}`,
    key: `${SECRETS}/${PAIR_FILE}`,
  },
  targets: { probes: `${CONFIG}/${TARGETS.probes}`, applications: `${CONFIG}/${TARGETS.applications}` },
  blackbox: `${PARTS.blackbox}:${MONITORING_PORTS.blackbox}`,
  proberBlackbox: `${PARTS.controlBlackbox}:${MONITORING_PORTS.blackbox}`,
};

/** `consul-prometheus`: scrapes the platform, keeps what it saw, and says what is wrong. */
export class Prometheus extends Construct {
  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id);
    const { owner, place, services } = props;
    const rules = ruleFiles(services, props.facts).map(
      (file) => [file.name, renderRules(file, { runbooks: RUNBOOKS })] as const,
    );
    new ReloadingProgram(this, "program", {
      owner,
      image: props.image,
      name: PARTS.prometheus,
      memory: "prometheus",
      entrypoint: [
        "/bin/prometheus",
        `--config.file=${CONFIG}/prometheus.yml`,
        `--storage.tsdb.path=${DATA}`,
        `--storage.tsdb.retention.time=${props.retentionDays}d`,
        `--storage.tsdb.retention.size=${props.retentionGigabytes}GB`,
        `--web.external-url=${props.externalUrl}${PATHS.prometheus}/`,
        `--web.listen-address=:${MONITORING_PORTS.prometheus}`,
        `--web.console.templates=${CONFIG}`,
        `--web.console.libraries=${CONFIG}`,
      ],
      files: {
        "prometheus.yml": renderPrometheusConfig({
          place,
          reach: REACH,
          platform: owner.instance,
          ruleFiles: rules.map(([name]) => `${CONFIG}/${name}`),
        }),
        [TARGETS.probes]: renderTargets(probesOf(services).map(({ target }) => target)),
        [TARGETS.applications]: renderTargets(passedTargets(services)),
        [CONSOLE]: readFileSync(join(import.meta.dirname, "../../monitoring/console", CONSOLE), "utf8"),
        ...Object.fromEntries(rules),
      },
      secrets: {
        [TOKEN_FILE]: props.token,
        [CA_FILE]: props.trustPem,
        [PAIR_FILE]: props.certificate.pairPem,
      },
      dataFolder: DATA,
      networks: [
        { network: props.controlNetwork, aliases: [PARTS.prometheus] },
        { network: props.monitoringNetwork, aliases: [PARTS.prometheus] },
      ],
      ownNetworks: [props.monitoringNetwork],
      answersAt: `http://127.0.0.1:${MONITORING_PORTS.prometheus}${PATHS.prometheus}/-/ready`,
    });
  }
}
