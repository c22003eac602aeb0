import { Bytes } from "@cdktf/provider-random/lib/bytes/index.js";
import { RandomProvider } from "@cdktf/provider-random/lib/provider/index.js";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider/index.js";
import { Fn, TerraformLocal, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { type Cluster, clusterOf, serverTlsName } from "../lib/consul/cluster.js";
import { type Certificate, CertificateAuthority } from "../lib/consul/tls/certificate-authority.js";
import { BridgeNetwork } from "../lib/docker/bridge-network.js";
import { NETWORKS, PARTS, SERVERS_ALIAS } from "../lib/platform-names.js";
import type { Settings } from "../lib/settings.js";
import { PlatformStack } from "./platform-stack.js";

const LOOPBACK = "127.0.0.1";

/** What everything else stands on: the two networks, the certificates, the gossip key, the management token. */
export class FoundationStack extends PlatformStack {
  readonly cluster: Cluster;
  readonly controlNetwork: BridgeNetwork;
  readonly platformNetwork: BridgeNetwork;
  /** What members verify each other with: the CA's certificate and the next one's, PEM. */
  readonly trustPem: string;
  /** One a server, in the cluster's order. */
  readonly serverCertificates: readonly Certificate[];
  readonly agentCertificate: Certificate;
  readonly gatewayCertificate: Certificate;
  /** Undefined where nothing registers itself (`ROLLCALL_COEXIST`). */
  readonly legacyCertificate: Certificate | undefined;
  /** Undefined where the platform makes no backups by itself (`ROLLCALL_BACKUP_EVERY`). */
  readonly backupCertificate: Certificate | undefined;
  /** Undefined where nobody monitors (`ROLLCALL_MONITOR`). */
  readonly monitorCertificate: Certificate | undefined;
  /** What Prometheus shows servers and agent; undefined where none runs (`ROLLCALL_MONITORING`). */
  readonly prometheusCertificate: Certificate | undefined;
  /** 32 bytes, base64, sensitive: Consul's `encrypt`. */
  readonly gossipKey: string;
  /** A UUID, sensitive: Consul's `initial_management`. */
  readonly managementToken: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings);
    new RandomProvider(this, "random");
    new TlsProvider(this, "tls");
    const { owner } = this;
    this.cluster = clusterOf(settings.datacenter, settings.servers, settings.controlSubnet);
    this.controlNetwork = new BridgeNetwork(this, "control", {
      owner,
      name: NETWORKS.control,
      subnet: settings.controlSubnet,
    });
    this.platformNetwork = new BridgeNetwork(this, "platform", {
      owner,
      name: NETWORKS.platform,
      subnet: settings.platformSubnet,
    });

    const authority = new CertificateAuthority(this, "ca");
    this.trustPem = authority.trustPem;
    this.serverCertificates = this.cluster.servers.map(({ name, address }) =>
      authority.issue(name, {
        commonName: serverTlsName(this.cluster),
        dnsNames: [serverTlsName(this.cluster), name, SERVERS_ALIAS, "localhost"],
        ipAddresses: [LOOPBACK, address],
      }),
    );
    const { agent } = this.cluster;
    this.agentCertificate = authority.issue(agent.name, {
      commonName: `client.${settings.datacenter}.consul`,
      dnsNames: [`client.${settings.datacenter}.consul`, agent.name, "localhost"],
      ipAddresses: [LOOPBACK, agent.address],
    });
    this.gatewayCertificate = authority.issue(PARTS.gateway, {
      commonName: PARTS.gateway,
      dnsNames: [PARTS.gateway, "localhost"],
      ipAddresses: [LOOPBACK],
    });
    const clientCertificate = (name: string) =>
      authority.issue(name, { commonName: name, dnsNames: [name], ipAddresses: [] });
    this.legacyCertificate = settings.coexist ? clientCertificate(PARTS.legacy) : undefined;
    this.backupCertificate = settings.backupEverySeconds === undefined ? undefined : clientCertificate(PARTS.backup);
    this.monitorCertificate = settings.monitor ? clientCertificate(PARTS.monitor) : undefined;
    this.prometheusCertificate = settings.monitoring ? clientCertificate(PARTS.prometheus) : undefined;

    // Across stacks Terraform loses the sensitive mark, and plans would print the value: mark it again.
    this.gossipKey = Fn.sensitive(new Bytes(this, "gossip-key", { length: 32 }).base64);
    this.managementToken = Fn.sensitive(uuidFrom(this, "management-token"));
    // What `rotate` puts in their places: made beforehand, so that Consul knows it before anything uses it.
    new Bytes(this, "gossip-key-next", { length: 32 });
    const nextManagementToken = uuidFrom(this, "management-token-next");
    new TerraformOutput(this, "ca-certificate", { value: this.trustPem, staticId: true });
    for (const [name, value] of Object.entries({
      "token-management": this.managementToken,
      "token-management-next": nextManagementToken,
    }))
      new TerraformOutput(this, name, { value, staticId: true, sensitive: true });
  }
}

/** A random UUID (version 4) that no plan prints; `random_uuid` is not sensitive. */
function uuidFrom(scope: Construct, id: string): string {
  const { hex } = new Bytes(scope, id, { length: 16 });
  const parts = [
    Fn.substr(hex, 0, 8),
    Fn.substr(hex, 8, 4),
    Fn.substr(hex, 13, 3),
    Fn.substr(hex, 17, 3),
    Fn.substr(hex, 20, 12),
  ];
  return new TerraformLocal(scope, `${id}-uuid`, Fn.format("%s-%s-4%s-8%s-%s", parts)).asString;
}
