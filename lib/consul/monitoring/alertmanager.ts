import { resolve } from "node:path";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { Receivers } from "../../alert-receivers.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import type { Owner } from "../../docker/owner.js";
import { configuredReceivers, secretFiles, together } from "../../monitoring/configured-receivers.js";
import { renderAlertmanagerConfig } from "../../monitoring/export/alertmanager-config.js";
import { localReceiver } from "../../monitoring/local-receiver.js";
import { PATHS } from "../../monitoring/prometheus-config.js";
import { MONITORING_PORTS, PARTS } from "../../platform-names.js";
import { CONFIG, SECRETS } from "../paths.js";
import { ReloadingProgram } from "./reloading-program.js";

export interface AlertmanagerProps {
  readonly owner: Owner;
  readonly image: string;
  /** Where Prometheus and the monitor are. */
  readonly network: BridgeNetwork;
  /** The names of the catalog's teams. */
  readonly teams: readonly string[];
  /** Whom it tells besides the monitor. @default - nobody */
  readonly receivers?: Receivers;
  /** The address of the pages that the gateway serves, such as `https://localhost:8501`. */
  readonly externalUrl: string;
}

const DATA = "/alertmanager";

/** `consul-alertmanager`: tells people, once for each cause, and knows who wants to hear nothing for a while. */
export class Alertmanager extends Construct {
  constructor(scope: Construct, id: string, props: AlertmanagerProps) {
    super(scope, id);
    const { owner, receivers } = props;
    const local = localReceiver(owner.prefix);
    const receiverOf = receivers === undefined ? local : together(local, configuredReceivers(receivers, SECRETS));
    new ReloadingProgram(this, "program", {
      owner,
      image: props.image,
      name: PARTS.alertmanager,
      memory: "alertmanager",
      entrypoint: [
        "/bin/alertmanager",
        `--config.file=${CONFIG}/alertmanager.yml`,
        `--storage.path=${DATA}`,
        `--web.external-url=${props.externalUrl}${PATHS.alertmanager}/`,
        `--web.listen-address=:${MONITORING_PORTS.alertmanager}`,
        // One alone: it looks for no others.
        "--cluster.listen-address=",
      ],
      files: { "alertmanager.yml": renderAlertmanagerConfig(props.teams, receiverOf) },
      ...(receivers === undefined ? {} : { secrets: secretsOf(receivers) }),
      dataFolder: DATA,
      networks: [{ network: props.network, aliases: [PARTS.alertmanager] }],
      answersAt: `http://127.0.0.1:${MONITORING_PORTS.alertmanager}${PATHS.alertmanager}/-/ready`,
    });
  }
}

/** Terraform reads them when it applies: no synthesized file and no plan shows what is in them. */
function secretsOf(receivers: Receivers): Readonly<Record<string, string>> {
  const named = Object.entries(secretFiles(receivers));
  return Object.fromEntries(
    named.map(([name, path]) => [name, Fn.sensitive(Fn.file(resolve(receivers.folder, path)))] as const),
  );
}
