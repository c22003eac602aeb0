import { Construct } from "constructs";
import type { Service } from "../../catalog/types.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import type { Attachment } from "../../docker/hardened-container.js";
import type { Owner } from "../../docker/owner.js";
import { renderBlackboxConfig } from "../../monitoring/export/blackbox-config.js";
import { probesOf } from "../../monitoring/export/probes.js";
import { MONITORING_PORTS, type PARTS } from "../../platform-names.js";
import { CONFIG } from "../paths.js";
import { ReloadingProgram } from "./reloading-program.js";

export interface BlackboxProps {
  readonly owner: Owner;
  readonly image: string;
  /** Which of the two it is. */
  readonly name: (typeof PARTS)["blackbox" | "controlBlackbox"];
  readonly networks: readonly Attachment[];
  /** Its address in the network from which it is asked, where no other is to ask it. @default - it listens on all of them */
  readonly listensOn?: string;
  /** Those of its networks that its own stack makes. @default - none */
  readonly ownNetworks?: readonly BridgeNetwork[];
  /** Where services are besides: Docker networks that somebody else made. @default - none */
  readonly foreignNetworks?: readonly string[];
  readonly services: readonly Service[];
}

/** The blackbox exporter: asks what Consul's checks ask, from outside, and says how long it took. */
export class Blackbox extends Construct {
  constructor(scope: Construct, id: string, props: BlackboxProps) {
    super(scope, id);
    const { listensOn = "" } = props;
    new ReloadingProgram(this, "program", {
      owner: props.owner,
      image: props.image,
      name: props.name,
      memory: "blackbox",
      entrypoint: [
        "/bin/blackbox_exporter",
        `--config.file=${CONFIG}/blackbox.yml`,
        `--web.listen-address=${listensOn}:${MONITORING_PORTS.blackbox}`,
      ],
      files: { "blackbox.yml": renderBlackboxConfig(probesOf(props.services)) },
      networks: props.networks,
      ownNetworks: props.ownNetworks ?? [],
      foreignNetworks: props.foreignNetworks ?? [],
      answersAt: `http://${listensOn || "127.0.0.1"}:${MONITORING_PORTS.blackbox}/-/healthy`,
    });
  }
}
