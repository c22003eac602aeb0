import type { Construct } from "constructs";
import { Gateway } from "../lib/consul/gateway/gateway.js";
import type { Settings } from "../lib/settings.js";
import type { FoundationStack } from "./foundation-stack.js";
import { PlatformStack } from "./platform-stack.js";

/** The Nginx balancer: the UI and the API on two loopback ports of the host. */
export class GatewayStack extends PlatformStack {
  constructor(scope: Construct, id: string, settings: Settings, foundation: FoundationStack) {
    super(scope, id, settings);
    this.addDependency(foundation);
    new Gateway(this, "gateway", {
      owner: this.owner,
      cluster: foundation.cluster,
      image: this.image("nginx"),
      network: foundation.controlNetwork,
      trustPem: foundation.trustPem,
      certificate: foundation.gatewayCertificate,
      hosts: settings.httpHosts,
      monitoring: settings.monitoring,
      hasPrometheusPages: settings.images !== "built",
      httpPort: settings.httpPort,
      httpsPort: settings.httpsPort,
    });
  }
}
