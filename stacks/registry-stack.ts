import type { Construct } from "constructs";
import { needsProber } from "../lib/catalog/checks.js";
import type { Catalog } from "../lib/catalog/types.js";
import { SharedAgent } from "../lib/consul/agents/shared-agent.js";
import { ScheduledBackup } from "../lib/consul/backup/scheduled-backup.js";
import { connectConsul } from "../lib/consul/consul-api.js";
import { LegacyGateway } from "../lib/consul/gateway/legacy-gateway.js";
import { Prober } from "../lib/consul/prober/prober.js";
import { CatalogInKv } from "../lib/consul/registrar/catalog-in-kv.js";
import { Registrar } from "../lib/consul/registrar/registrar.js";
import type { Settings } from "../lib/settings.js";
import type { AccessStack } from "./access-stack.js";
import type { FoundationStack } from "./foundation-stack.js";
import { PlatformStack } from "./platform-stack.js";

/** The catalog in Consul KV, the shared agent that checks and registers it, and the registrar between the two. */
export class RegistryStack extends PlatformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    foundation: FoundationStack,
    access: AccessStack,
    catalog: Catalog,
  ) {
    super(scope, id, settings);
    this.addDependency(access);
    connectConsul(this, settings, foundation);
    const image = this.image("consul");
    const nginxImage = this.image("nginx");
    const node = this.image("node");
    const { owner } = this;
    const agent = new SharedAgent(this, "agent", {
      owner,
      image,
      nginxImage,
      cluster: foundation.cluster,
      controlNetwork: foundation.controlNetwork,
      platformNetwork: foundation.platformNetwork,
      foreignNetworks: settings.networks,
      trustPem: foundation.trustPem,
      certificate: foundation.agentCertificate,
      gossipKey: foundation.gossipKey,
      agentToken: access.agentToken,
      agentTokenId: access.agentTokenId,
      registrationToken: access.registrationToken,
    });
    const registrar = new Registrar(this, "registrar", {
      owner,
      image: node,
      agent,
      network: foundation.controlNetwork,
      trustPem: foundation.trustPem,
      registrarToken: access.registrarToken,
      registrationToken: access.registrationToken,
    });
    registrar.node.addDependency(agent);
    new CatalogInKv(this, "catalog", { teams: catalog.teams, reader: registrar.program });

    const { backupEverySeconds } = settings;
    if (needsProber(catalog.services))
      new Prober(this, "prober", {
        owner,
        image: node,
        controlNetwork: foundation.controlNetwork,
        address: foundation.cluster.proberAddress,
        platformNetwork: foundation.platformNetwork,
        foreignNetworks: settings.networks,
      });
    if (
      backupEverySeconds !== undefined &&
      access.backupToken !== undefined &&
      foundation.backupCertificate !== undefined
    )
      new ScheduledBackup(this, "backup", {
        owner,
        image: node,
        consulImage: image,
        cluster: foundation.cluster,
        network: foundation.controlNetwork,
        trustPem: foundation.trustPem,
        certificate: foundation.backupCertificate,
        token: access.backupToken,
        recipients: settings.backupRecipients,
        everySeconds: backupEverySeconds,
        keep: settings.backupKeep,
      });
    // Here, and not in the stack of the gateway, which stands before there are tokens.
    if (access.legacyToken !== undefined && foundation.legacyCertificate !== undefined)
      new LegacyGateway(this, "legacy", {
        owner,
        image: nginxImage,
        cluster: foundation.cluster,
        controlNetwork: foundation.controlNetwork,
        foreignNetworks: settings.networks,
        trustPem: foundation.trustPem,
        certificate: foundation.legacyCertificate,
        token: access.legacyToken,
      });
  }
}
