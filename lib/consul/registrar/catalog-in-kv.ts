import { KeyPrefix } from "@cdktf/provider-consul/lib/key-prefix/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { KV_PREFIX, kvSubkey, kvValue } from "../../catalog/definition.js";
import type { Team } from "../../catalog/types.js";
import { literal } from "../../literal.js";

export interface CatalogInKvProps {
  readonly teams: readonly Team[];
  /**
   * The program that reads them. It is in place before a value is written: one that it replaces may not know a field, and
   * would refuse the value.
   */
  readonly reader: ITerraformDependable;
}

/**
 * The declared services in Consul KV: one prefix a team, one compact JSON string a service. A plan then shows, in
 * place, the fields of the service that changed.
 */
export class CatalogInKv extends Construct {
  constructor(scope: Construct, id: string, props: CatalogInKvProps) {
    super(scope, id);
    for (const team of props.teams)
      new KeyPrefix(this, team.name, {
        pathPrefix: `${KV_PREFIX}${team.name}/`,
        subkeys: Object.fromEntries(team.services.map((service) => [kvSubkey(service), literal(kvValue(service))])),
        dependsOn: [props.reader],
      });
  }
}
