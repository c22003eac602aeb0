import type { Construct } from "constructs";
import { readReceivers } from "../lib/alert-receivers.js";
import { needsProber } from "../lib/catalog/checks.js";
import type { Catalog } from "../lib/catalog/types.js";
import { Alertmanager } from "../lib/consul/monitoring/alertmanager.js";
import { ApplicationMetrics } from "../lib/consul/monitoring/application-metrics.js";
import { needsApplicationMetrics } from "../lib/consul/monitoring/application-metrics-config.js";
import { Blackbox } from "../lib/consul/monitoring/blackbox.js";
import { Prometheus } from "../lib/consul/monitoring/prometheus.js";
import { BridgeNetwork } from "../lib/docker/bridge-network.js";
import { addressIn } from "../lib/docker/fixed-address.js";
import { platformFactsOf } from "../lib/monitoring/platform-facts.js";
import { NETWORKS, PARTS } from "../lib/platform-names.js";
import { type Settings, settingName } from "../lib/settings.js";
import { UserError } from "../lib/user-error.js";
import type { AccessStack } from "./access-stack.js";
import type { FoundationStack } from "./foundation-stack.js";
import type { MonitorStack } from "./monitor-stack.js";
import { PlatformStack } from "./platform-stack.js";

/** Prometheus, Alertmanager and the probes, with a network of their own. Empty but where `ROLLCALL_MONITORING` is on. */
export class MonitoringStack extends PlatformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    foundation: FoundationStack,
    access: AccessStack,
    monitor: MonitorStack,
    { services, teams }: Catalog,
  ) {
    super(scope, id, settings);
    this.addDependency(monitor);
    const { prometheusCertificate } = foundation;
    if (prometheusCertificate === undefined) return;
    refuseShortRetention(settings, services);
    const { owner } = this;
    const { controlNetwork, platformNetwork } = foundation;
    const monitoringNetwork = new BridgeNetwork(this, "network", {
      owner,
      name: NETWORKS.monitoring,
      subnet: settings.monitoringSubnet,
    });
    const addressOf = (host: number) => addressIn(settings.monitoringSubnet, host);
    const externalUrl = `https://localhost:${settings.httpsPort}`;

    const blackboxImage = this.image("blackbox");
    const blackboxAddress = addressOf(11);
    new Blackbox(this, "blackbox", {
      owner,
      image: blackboxImage,
      name: PARTS.blackbox,
      networks: [
        { network: monitoringNetwork, aliases: [PARTS.blackbox], ipv4Address: blackboxAddress },
        { network: platformNetwork },
      ],
      ownNetworks: [monitoringNetwork],
      foreignNetworks: settings.networks,
      listensOn: blackboxAddress,
      services,
    });
    if (needsProber(services))
      new Blackbox(this, "blackbox-control", {
        owner,
        image: blackboxImage,
        name: PARTS.controlBlackbox,
        networks: [{ network: controlNetwork, aliases: [PARTS.controlBlackbox] }],
        services,
      });
    if (needsApplicationMetrics(services))
      new ApplicationMetrics(this, "application-metrics", {
        owner,
        image: this.image("nginx"),
        services,
        monitoringNetwork,
        address: addressOf(12),
        platformNetwork,
        foreignNetworks: settings.networks,
      });
    const teamNames = teams.map(({ name }) => name);
    new Alertmanager(this, "alertmanager", {
      owner,
      image: this.image("alertmanager"),
      network: controlNetwork,
      teams: teamNames,
      ...(settings.receivers === undefined ? {} : { receivers: readReceivers(settings.receivers, teamNames) }),
      externalUrl,
    });
    new Prometheus(this, "prometheus", {
      owner,
      image: this.image("prometheus"),
      controlNetwork,
      monitoringNetwork,
      place: settings,
      services,
      facts: platformFactsOf(settings),
      trustPem: foundation.trustPem,
      certificate: prometheusCertificate,
      token: access.metricsToken,
      externalUrl,
      retentionDays: settings.retentionDays,
      retentionGigabytes: settings.retentionGigabytes,
    });
  }
}

/** An error budget is of 30 days: of fewer, every figure of it would be wrong, and nobody would see that. */
function refuseShortRetention({ retentionDays }: Settings, services: Catalog["services"]): void {
  const promised = services.find(({ slo }) => slo !== undefined);
  if (promised !== undefined && retentionDays < 31)
    throw new UserError(
      `${settingName("retentionDays")} is ${retentionDays}, and ${promised.name} has an slo, which is judged over 30 days`,
      "Keep at least 31 days, or take the slo out of the catalog.",
    );
}
