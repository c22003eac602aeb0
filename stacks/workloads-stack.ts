import type { Construct } from "constructs";
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
    for (const host of new Set(catalog.services.map(({ address }) => address)))
      new Workload(this, host, {
        owner: this.owner,
        image,
        name: host,
        network: foundation.platformNetwork,
        ports: catalog.services.filter(({ address }) => address === host).map(({ port }) => port),
      });
  }
}
