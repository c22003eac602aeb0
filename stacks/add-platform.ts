import type { App } from "cdktf";
import type { Catalog } from "../lib/catalog/types.js";
import { judge } from "../lib/policies/judge.js";
import { protectedServerVolumes } from "../lib/policies/protected-server-volumes.js";
import type { Settings } from "../lib/settings.js";
import { AccessStack } from "./access-stack.js";
import { FoundationStack } from "./foundation-stack.js";
import { GatewayStack } from "./gateway-stack.js";
import { MonitorStack } from "./monitor-stack.js";
import { MonitoringStack } from "./monitoring-stack.js";
import { QueriesStack } from "./queries-stack.js";
import { RegistryStack } from "./registry-stack.js";
import { ServerStack } from "./server-stack.js";
import { WorkloadsStack } from "./workloads-stack.js";

/**
 * All stacks, in the order in which they are applied.
 * @throws UserError where one of them breaks a policy
 */
export function addPlatform(app: App, settings: Settings, catalog: Catalog): void {
  const foundation = new FoundationStack(app, "foundation", settings);
  const servers = foundation.cluster.servers.map((_, index) => new ServerStack(app, settings, foundation, index + 1));
  const gateway = new GatewayStack(app, "gateway", settings, foundation);
  const access = new AccessStack(app, "access", settings, foundation, catalog);
  new QueriesStack(app, "queries", settings, foundation, gateway, catalog);
  const registry = new RegistryStack(app, "registry", settings, foundation, access, catalog);
  const monitor = new MonitorStack(app, "monitor", settings, foundation, access, registry, catalog);
  new MonitoringStack(app, "monitoring", settings, foundation, access, monitor, catalog);
  new WorkloadsStack(app, "workloads", settings, foundation, catalog);

  for (const [index, server] of servers.entries()) {
    const previous = servers[index - 1];
    if (previous !== undefined) server.addDependency(previous);
    gateway.addDependency(server);
  }
  access.addDependency(gateway);
  judge(app, catalog, settings, new Set(settings.protect ? [] : [protectedServerVolumes.id]));
}
