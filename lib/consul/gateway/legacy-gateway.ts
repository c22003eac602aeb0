import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, PARTS, SERVERS_ALIAS } from "../../platform-names.js";
import { TAKE_ANEW_AND_CHECK } from "../agents/self-check.js";
import type { Cluster } from "../cluster.js";
import { CLOSING, NGINX_TMPFS } from "../nginx/nginx.js";
import { FRONT_SYSCTLS } from "../nginx/nginx-front.js";
import { CONFIG, SECRETS } from "../paths.js";
import { readScript, TAKE_ANEW } from "../scripts/read-script.js";
import type { Certificate } from "../tls/certificate-authority.js";
import { NGINX_USER } from "./gateway.js";
import { LEGACY_FILES, renderLegacyGateway, renderLegacyToken } from "./legacy-gateway-config.js";

export interface LegacyGatewayProps {
  readonly owner: Owner;
  readonly image: string;
  readonly cluster: Cluster;
  readonly controlNetwork: BridgeNetwork;
  /** Docker networks on which services run that register themselves. */
  readonly foreignNetworks: readonly string[];
  /** What it verifies the servers with, PEM. */
  readonly trustPem: string;
  /** What it shows them. */
  readonly certificate: Certificate;
  /** What they register with, sensitive. */
  readonly token: string;
}

/**
 * `consul-legacy`: what services that know no token find under `staging-consul:8500`, for as long as they register
 * themselves (`ROLLCALL_COEXIST=on`). A container of its own: the UI's gateway never holds a token (decision 010).
 */
export class LegacyGateway extends Construct {
  constructor(scope: Construct, id: string, props: LegacyGatewayProps) {
    super(scope, id);
    const { owner, image, cluster } = props;
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PARTS.legacy, "config"),
      folder: CONFIG,
      files: {
        [LEGACY_FILES.config]: literal(renderLegacyGateway(cluster)),
        "healthy.sh": readScript("leader-known.sh"),
        [TAKE_ANEW]: readScript(TAKE_ANEW),
      },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(PARTS.legacy, "secrets"),
      folder: SECRETS,
      files: {
        [LEGACY_FILES.ca]: props.trustPem,
        [LEGACY_FILES.pair]: props.certificate.pairPem,
        [LEGACY_FILES.token]: renderLegacyToken(props.token),
      },
    });
    new HardenedContainer(this, "Gateway", {
      owner,
      image,
      name: PARTS.legacy,
      user: NGINX_USER,
      memory: MEMORY.gateway,
      sysctls: FRONT_SYSCTLS,
      tmpfs: NGINX_TMPFS,
      entrypoint: ["/usr/sbin/nginx", "-e", "stderr", "-c", `${CONFIG}/${LEGACY_FILES.config}`],
      networks: [{ network: props.controlNetwork, ipv4Address: cluster.legacyAddress }],
      foreignNetworks: props.foreignNetworks,
      foreignAliases: [SERVERS_ALIAS],
      carriers: [config],
      livingCarriers: [secrets],
      environment: { TAKE_ANEW_NOTICE: CLOSING },
      healthcheck: TAKE_ANEW_AND_CHECK,
    });
  }
}
