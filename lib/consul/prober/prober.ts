import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { bundleProgram } from "../../docker/bundle.js";
import { Carrier } from "../../docker/carrier.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { asked } from "../../docker/health-check.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName } from "../../platform-names.js";
import { PROBER } from "../../prober.js";
import { CONFIG, CONSUL_USER } from "../paths.js";

export interface ProberProps {
  readonly owner: Owner;
  /** One with Node. */
  readonly image: string;
  /** Where the agent asks it. */
  readonly controlNetwork: BridgeNetwork;
  /** Its address there, the only one on which it listens: no application can have it knock on doors. */
  readonly address: string;
  /** Where the services are. */
  readonly platformNetwork: BridgeNetwork;
  /** Where they are besides: Docker networks that somebody else made. */
  readonly foreignNetworks: readonly string[];
}

/** `consul-prober`: makes the checks that Consul does not know (PostgreSQL, Redis, the machine's resources). */
export class Prober extends Construct {
  constructor(scope: Construct, id: string, props: ProberProps) {
    super(scope, id);
    const { owner, image } = props;
    const program = `${CONFIG}/prober.mjs`;
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PROBER.host, "config"),
      folder: CONFIG,
      files: { "prober.mjs": literal(bundleProgram("prober")) },
    });
    new HardenedContainer(this, "Prober", {
      owner,
      image,
      name: PROBER.host,
      user: CONSUL_USER,
      memory: MEMORY.prober,
      entrypoint: ["/usr/bin/env", "node", program],
      environment: { PROBER_LISTEN: props.address, PROBER_PORT: String(PROBER.port) },
      networks: [
        { network: props.controlNetwork, aliases: [PROBER.host], ipv4Address: props.address },
        { network: props.platformNetwork },
      ],
      foreignNetworks: props.foreignNetworks,
      carriers: [config],
      // Docker's init reaps what busybox's `timeout` leaves.
      init: true,
      healthcheck: {
        test: asked(`http://${props.address}:${PROBER.port}/health`),
        interval: "5s",
        timeout: "10s",
        retries: 6,
      },
    });
  }
}
