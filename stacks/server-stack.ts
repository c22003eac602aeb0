import type { Construct } from "constructs";
import { ConsulServer } from "../lib/consul/agents/consul-server.js";
import type { Settings } from "../lib/settings.js";
import type { FoundationStack } from "./foundation-stack.js";
import { PlatformStack } from "./platform-stack.js";

/**
 * One Consul server. Terraform replaces the containers of a stack side by side, which would take the quorum down;
 * with a stack each, chained, a change rolls through the servers one at a time.
 */
export class ServerStack extends PlatformStack {
  /** @param number 1 for the first server */
  constructor(scope: Construct, settings: Settings, foundation: FoundationStack, number: number) {
    super(scope, `server-${number}`, settings);
    const self = foundation.cluster.servers[number - 1];
    const certificate = foundation.serverCertificates[number - 1];
    if (self === undefined || certificate === undefined) throw new Error(`the cluster has no server ${number}`);
    this.addDependency(foundation);
    new ConsulServer(this, "server", {
      owner: this.owner,
      cluster: foundation.cluster,
      self,
      image: this.image("consul"),
      network: foundation.controlNetwork,
      trustPem: foundation.trustPem,
      certificate,
      gossipKey: foundation.gossipKey,
      managementToken: foundation.managementToken,
      raftMultiplier: settings.raftMultiplier,
      protectData: settings.protect,
    });
  }
}
