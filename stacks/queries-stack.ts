import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { placeState } from "../lib/backend/backend.js";
import { discoverables } from "../lib/catalog/discoverable.js";
import type { Catalog } from "../lib/catalog/types.js";
import { connectConsul } from "../lib/consul/consul-api.js";
import { ServiceQueries } from "../lib/consul/registrar/service-queries.js";
import type { Settings } from "../lib/settings.js";
import type { FoundationStack } from "./foundation-stack.js";
import type { GatewayStack } from "./gateway-stack.js";

/** How applications look services up besides by their names: prepared queries and resolvers. */
export class QueriesStack extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    foundation: FoundationStack,
    gateway: GatewayStack,
    catalog: Catalog,
  ) {
    super(scope, id);
    placeState(this, id, settings);
    this.addDependency(gateway);
    connectConsul(this, settings, foundation);
    new ServiceQueries(this, "services", { services: discoverables(catalog) });
  }
}
