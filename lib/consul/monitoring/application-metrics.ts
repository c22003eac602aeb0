import { Construct } from "constructs";
import type { Service } from "../../catalog/types.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, MONITORING_PORTS, PARTS } from "../../platform-names.js";
import { TAKE_ANEW_AND_ASK } from "../agents/self-check.js";
import { NGINX_USER } from "../gateway/gateway.js";
import { NGINX_TMPFS } from "../nginx/nginx.js";
import { CONFIG } from "../paths.js";
import { ANSWERS, readScript, TAKE_ANEW } from "../scripts/read-script.js";
import { renderApplicationMetrics } from "./application-metrics-config.js";

export interface ApplicationMetricsProps {
  readonly owner: Owner;
  /** One with Nginx. */
  readonly image: string;
  readonly services: readonly Service[];
  /** Where Prometheus asks it. */
  readonly monitoringNetwork: BridgeNetwork;
  /** Its address there, the only one on which it listens. */
  readonly address: string;
  /** Where the services are. */
  readonly platformNetwork: BridgeNetwork;
  /** Where they are besides: Docker networks that somebody else made. */
  readonly foreignNetworks: readonly string[];
}

/** `consul-application-metrics`: what the declared services say of themselves, for a Prometheus that stands in no network of theirs. */
export class ApplicationMetrics extends Construct {
  constructor(scope: Construct, id: string, props: ApplicationMetricsProps) {
    super(scope, id);
    const { owner, image, address } = props;
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PARTS.applicationMetrics, "config"),
      folder: CONFIG,
      files: {
        "nginx.conf": literal(renderApplicationMetrics(props.services, address)),
        [TAKE_ANEW]: readScript(TAKE_ANEW),
        [ANSWERS]: readScript(ANSWERS),
      },
    });
    new HardenedContainer(this, "Nginx", {
      owner,
      image,
      name: PARTS.applicationMetrics,
      user: NGINX_USER,
      memory: MEMORY.applicationMetrics,
      entrypoint: ["/usr/sbin/nginx", "-e", "stderr", "-c", `${CONFIG}/nginx.conf`],
      networks: [
        { network: props.monitoringNetwork, aliases: [PARTS.applicationMetrics], ipv4Address: address },
        { network: props.platformNetwork },
      ],
      ownNetworks: [props.monitoringNetwork],
      foreignNetworks: props.foreignNetworks,
      tmpfs: NGINX_TMPFS,
      livingCarriers: [config],
      environment: {
        TAKE_ANEW_FROM: CONFIG,
        ANSWERS_AT: `http://${address}:${MONITORING_PORTS.applicationMetrics}/health`,
      },
      healthcheck: TAKE_ANEW_AND_ASK,
    });
  }
}
