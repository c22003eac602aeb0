import { Construct } from "constructs";
import type { Catalog } from "../lib/catalog/types.js";
import { standInsOf } from "../lib/consul/stand-ins/stand-in.js";
import { Workload } from "../lib/consul/stand-ins/workload.js";
import type { ImageName } from "../lib/docker/images.js";
import type { Settings } from "../lib/settings.js";
import type { FoundationStack } from "./foundation-stack.js";
import { PlatformStack } from "./platform-stack.js";

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
