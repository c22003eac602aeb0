import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, PARTS } from "../../platform-names.js";
import { TAKE_ANEW_ROTATE_AND_CHECK } from "../agents/self-check.js";
import type { Cluster } from "../cluster.js";
import { AUDIT_TMPFS, auditFiles } from "../nginx/audit.js";
import { CLOSING, NGINX_TMPFS } from "../nginx/nginx.js";
import { FRONT_SYSCTLS } from "../nginx/nginx-front.js";
import { ANYBODYS, AUDIT, CONFIG, SECRETS, SERVERS } from "../paths.js";
import { readScript, TAKE_ANEW } from "../scripts/read-script.js";
import type { Certificate } from "../tls/certificate-authority.js";
import { GATEWAY_FILES, renderGateway } from "./gateway-config.js";
import { pagesFiles, renderPages } from "./gateway-pages.js";
import { renderServers, renderWriters, SERVER_FILES } from "./gateway-servers.js";

export interface GatewayProps {
  readonly owner: Owner;
  readonly cluster: Cluster;
  readonly image: string;
  readonly network: BridgeNetwork;
  /** What it verifies the servers with, PEM. */
  readonly trustPem: string;
  readonly certificate: Certificate;
  /** Further names by which requests may call it: `ROLLCALL_HTTP_HOSTS`. */
  readonly hosts: readonly string[];
  /** Whether it serves Prometheus' and Alertmanager's pages: `ROLLCALL_MONITORING`. */
  readonly monitoring: boolean;
  /** Whether its Prometheus has pages of its own: an official one has. */
  readonly hasPrometheusPages: boolean;
  /** Port on 127.0.0.1 for plain HTTP. */
  readonly httpPort: number;
  /** Port on 127.0.0.1 for HTTPS. */
  readonly httpsPort: number;
}

/** Nginx's user in the official image; ours leans on no name either. */
export const NGINX_USER = "101:101";

/** `consul-ui`: the one door from the host to the Consul UI and API, balanced over all servers. */
export class Gateway extends Construct {
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id);
    const { owner, image, network } = props;
    const place = { prefix: owner.prefix, network: network.name, hosts: props.hosts };
    const audit = new DataVolume(this, "Audit", { owner, name: `${PARTS.gateway}-audit` });
    const config = new Carrier(this, "Config", {
      owner,
      image,
      name: carrierName(PARTS.gateway, "config"),
      folder: CONFIG,
      files: {
        [GATEWAY_FILES.config]: literal(renderGateway(props.cluster, place)),
        "healthy.sh": readScript("leader-known.sh"),
        [TAKE_ANEW]: readScript(TAKE_ANEW),
        ...auditFiles(),
        ...pagesFiles(),
      },
      prepares: { [ANYBODYS]: audit },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image,
      name: carrierName(PARTS.gateway, "secrets"),
      folder: SECRETS,
      files: {
        [GATEWAY_FILES.pair]: props.certificate.pairPem,
      },
    });
    const servers = new Carrier(this, "Servers", {
      owner,
      image,
      name: carrierName(PARTS.gateway, "servers"),
      folder: SERVERS,
      files: {
        [SERVER_FILES.ca]: props.trustPem,
        [SERVER_FILES.servers]: literal(renderServers(props.cluster)),
        [SERVER_FILES.writers]: literal(renderWriters(props.cluster)),
        [SERVER_FILES.pages]: literal(renderPages(owner.prefix, props.monitoring, props.hasPrometheusPages)),
      },
    });
    new HardenedContainer(this, "Gateway", {
      owner,
      image,
      name: PARTS.gateway,
      user: NGINX_USER,
      memory: MEMORY.gateway,
      sysctls: FRONT_SYSCTLS,
      entrypoint: ["/usr/sbin/nginx", "-e", "stderr", "-c", `${CONFIG}/${GATEWAY_FILES.config}`],
      networks: [{ network, aliases: [PARTS.gateway] }],
      data: { [AUDIT]: audit },
      tmpfs: { ...NGINX_TMPFS, ...AUDIT_TMPFS },
      carriers: [config],
      livingCarriers: [secrets, servers],
      environment: { TAKE_ANEW_FROM: `${SECRETS} ${SERVERS}`, TAKE_ANEW_NOTICE: CLOSING },
      loopbackPorts: { 8500: props.httpPort, 8501: props.httpsPort },
      healthcheck: TAKE_ANEW_ROTATE_AND_CHECK,
    });
  }
}
