import { Construct } from "constructs";
import type { Catalog } from "../lib/catalog/types";
import { standInsOf } from "../lib/consul/stand-in";
import { Workload } from "../lib/consul/workload";
import type { ImageName } from "../lib/docker/images";
import type { Settings } from "../lib/settings";
import type { FoundationStack } from "./foundation-stack";
import { PlatformStack } from "./platform-stack";

/** A stand-in for each declared service. Off (`ROLLCALL_WORKLOADS=off`) where the real ones run. */
export class WorkloadsStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings, foundation: FoundationStack, catalog: Catalog) {
    super(scope, id, settings);
    this.addDependency(foundation);
    if (!settings.workloads) return;
    const images = new Map<ImageName, string>();
    // A scope of their own: a service may be called as something of this stack is.
    const hosts = new Construct(this, "hosts");
    for (const standIn of standInsOf(catalog)) {
      const image = images.get(standIn.image) ?? this.image(standIn.image);
      images.set(standIn.image, image);
      new Workload(hosts, standIn.host, { owner: this.owner, standIn, image, network: foundation.platformNetwork });
    }
  }
}
