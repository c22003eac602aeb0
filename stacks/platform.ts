import type { App } from "cdktf";
import type { Catalog } from "../lib/catalog/types";
import { judge } from "../lib/policies/judge";
import { protectedServerVolumes } from "../lib/policies/protected-server-volumes";
import type { Settings } from "../lib/settings";
import { AccessStack } from "./access-stack";
import { FoundationStack } from "./foundation-stack";
import { GatewayStack } from "./gateway-stack";
import { QueriesStack } from "./queries-stack";
import { RegistryStack } from "./registry-stack";
import { ServerStack } from "./server-stack";
import { WorkloadsStack } from "./workloads-stack";

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
  new RegistryStack(app, "registry", settings, foundation, access, catalog);
  new WorkloadsStack(app, "workloads", settings, foundation, catalog);

  for (const [index, server] of servers.entries()) {
    const previous = servers[index - 1];
    if (previous !== undefined) server.addDependency(previous);
    gateway.addDependency(server);
  }
  access.addDependency(gateway);
  judge(app, catalog, settings, new Set(settings.protect ? [] : [protectedServerVolumes.id]));
}
