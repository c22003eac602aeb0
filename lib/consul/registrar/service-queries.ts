import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry/index.js";
import { PreparedQuery } from "@cdktf/provider-consul/lib/prepared-query/index.js";
import { Construct } from "constructs";
import { type Discoverable, dnsName } from "../../catalog/discoverable.js";

export interface ServiceQueriesProps {
  readonly services: readonly Discoverable[];
}

/**
 * A prepared query a service, under a name that DNS can ask for (`billing-service.query.consul`), which tries other
 * datacenters where the catalog says so; and the same failover as the service's resolver, for a mesh.
 */
export class ServiceQueries extends Construct {
  constructor(scope: Construct, id: string, props: ServiceQueriesProps) {
    super(scope, id);
    const queries = new Construct(this, "query");
    const resolvers = new Construct(this, "resolver");
    for (const { name, failover } of props.services) {
      const isLocal = failover.length === 0;
      new PreparedQuery(queries, name, {
        name: dnsName(name),
        service: name,
        ...(isLocal ? {} : { failover: { datacenters: [...failover] } }),
      });
      if (!isLocal)
        new ConfigEntry(resolvers, name, {
          kind: "service-resolver",
          name,
          configJson: JSON.stringify({ Failover: { "*": { Datacenters: failover } } }),
        });
    }
  }
}
