import type { Construct } from "constructs";
import type { Catalog } from "../lib/catalog/types.js";
import { ConsulMonitor } from "../lib/consul/monitor/monitor.js";
import { catalogFactsOf } from "../lib/monitoring/catalog-facts.js";
import type { Settings } from "../lib/settings.js";
import type { AccessStack } from "./access-stack.js";
import type { FoundationStack } from "./foundation-stack.js";
import { PlatformStack } from "./platform-stack.js";
import type { RegistryStack } from "./registry-stack.js";

/** What watches the others: its own stack, so that a change of it touches nothing that services need. Off by `ROLLCALL_MONITOR=off`. */
export class MonitorStack extends PlatformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    foundation: FoundationStack,
    access: AccessStack,
    registry: RegistryStack,
    catalog: Catalog,
  ) {
    super(scope, id, settings);
    this.addDependency(registry);
    const { monitorToken } = access;
    const { monitorCertificate } = foundation;
    if (monitorToken === undefined || monitorCertificate === undefined) return;
    new ConsulMonitor(this, "monitor", {
      owner: this.owner,
      image: this.image("node"),
      cluster: foundation.cluster,
      network: foundation.controlNetwork,
      trustPem: foundation.trustPem,
      certificate: monitorCertificate,
      token: monitorToken,
      facts: catalogFactsOf(catalog, settings.coexist),
      hasBackup: settings.backupEverySeconds !== undefined,
      protectData: settings.protect,
    });
  }
}
