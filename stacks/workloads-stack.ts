import { isIP } from "node:net";
import { Construct } from "constructs";
import type { Catalog } from "../lib/catalog/types";
import { Workload } from "../lib/consul/workload";
import type { Settings } from "../lib/settings";
import type { FoundationStack } from "./foundation-stack";
import { PlatformStack } from "./platform-stack";

/** A stand-in for each declared service. Off (`ROLLCALL_WORKLOADS=off`) where the real ones run. */
export class WorkloadsStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings, foundation: FoundationStack, catalog: Catalog) {
    super(scope, id, settings);
    this.addDependency(foundation);
    if (!settings.workloads) return;
    const image = this.image("nginx");
    // A scope of their own: a service may be called as something of this stack is.
    const hosts = new Construct(this, "hosts");
    // What has an IP address stands elsewhere; a stand-in could not be reached there.
    const names = catalog.services.map(({ address }) => address).filter((address) => isIP(address) === 0);
    for (const host of new Set(names))
      new Workload(hosts, host, {
        owner: this.owner,
        image,
        name: host,
        network: foundation.platformNetwork,
        ports: catalog.services.filter(({ address }) => address === host).map(({ port }) => port),
      });
  }
}
