import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { placeState } from "../lib/backend/place-state";
import { discoverables } from "../lib/catalog/discoverable";
import type { Catalog } from "../lib/catalog/types";
import { connectConsul } from "../lib/consul/consul-api";
import { ServiceQueries } from "../lib/consul/service-queries";
import type { Settings } from "../lib/settings";
import type { FoundationStack } from "./foundation-stack";
import type { GatewayStack } from "./gateway-stack";

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
    connectConsul(this, {
      httpsPort: settings.httpsPort,
      datacenter: settings.datacenter,
      caPem: foundation.trustPem,
      token: foundation.managementToken,
    });
    new ServiceQueries(this, "services", { services: discoverables(catalog) });
  }
}
