import type { Check } from "../../../lib/catalog/checks.js";
import { kvKey, renderDefinition } from "../../../lib/catalog/definition.js";
import type { ServiceDefinition } from "../../../lib/catalog/definition-schema.js";
import { dnsName } from "../../../lib/catalog/discoverable.js";
import { ALERT_IF_LEFT_OUT, type Monitored, monitoredOf } from "../../../lib/catalog/monitored.js";
import type { Catalog, DynamicService, Service } from "../../../lib/catalog/types.js";
import { unknownService } from "./unknown-service.js";

/** A service for programs: docs/reference/json.md describes every field. Names are those of the catalog's files. */
export interface ServiceJson {
  readonly name: string;
  readonly team: string;
  /** The file that declares it, as `lint` names it. */
  readonly file: string;
  /** Whether its instances register themselves: none is known then. */
  readonly dynamic: boolean;
  /** What DNS answers for it, also from other datacenters: `billing-service.query.consul`. */
  readonly prepared_query: string;
  readonly failover: readonly string[];
  /** What alerts and dashboards are made of. */
  readonly monitored: Monitored;
  readonly instances: readonly InstanceJson[];
}

/** One instance, with every default filled in. */
export interface InstanceJson {
  readonly id: string;
  /** Where Consul KV has it. */
  readonly kv_key: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly weights: { readonly passing: number; readonly warning: number };
  readonly checks: readonly (Check & { readonly name: string })[];
  readonly deregister_critical_service_after: string;
  /** As Consul gets it; in the answer of `show` alone. */
  readonly definition?: ServiceDefinition;
}

/** What Consul takes where none are given. */
const WEIGHTS = { passing: 1, warning: 1 } as const;

/** Every service, those whose instances register themselves last. */
export function listJson({ teams, services, dynamic }: Catalog): readonly ServiceJson[] {
  const files = new Map(teams.map(({ name, file }) => [name, file]));
  const byName = new Map<string, Service[]>();
  for (const each of services) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const registered = [...byName.values()].flatMap((instances) => {
    const [first] = instances;
    return first === undefined ? [] : [serviceJson(first, files, instances.map(instanceJson))];
  });
  return [...registered, ...dynamic.map((one) => serviceJson(one, files, undefined))];
}

/**
 * One service, each of its instances with its definition.
 * @param name the service's name, or an instance's id for that instance alone
 * @throws UserError where the catalog has no such service, with the name that was probably meant
 */
export function showJson({ teams, services, dynamic }: Catalog, name: string): ServiceJson {
  const files = new Map(teams.map(({ name: team, file }) => [team, file]));
  const own = dynamic.find((one) => one.name === name);
  if (own !== undefined) return serviceJson(own, files, undefined);
  const found = services.filter((one) => one.name === name || one.id === name);
  const [first] = found;
  if (first === undefined) throw unknownService(name, services);
  const instances = found.map((each) => ({ ...instanceJson(each), definition: renderDefinition(each) }));
  return serviceJson(first, files, instances);
}

/** @param instances undefined for a service whose instances register themselves */
function serviceJson(
  service: Service | DynamicService,
  files: ReadonlyMap<string, string>,
  instances: readonly InstanceJson[] | undefined,
): ServiceJson {
  const { name, team, failover = [] } = service;
  return {
    name,
    team,
    file: files.get(team) ?? "",
    dynamic: instances === undefined,
    prepared_query: `${dnsName(name)}.query.consul`,
    failover,
    monitored: { alert: ALERT_IF_LEFT_OUT, ...monitoredOf(service) },
    instances: instances ?? [],
  };
}

function instanceJson(service: Service): InstanceJson {
  const { id, address, port, tags, meta, weights = WEIGHTS, checks } = service;
  return {
    id,
    kv_key: kvKey(service),
    address,
    port,
    tags,
    meta,
    weights,
    checks: checks.map(({ name, check }) => ({ name, ...check })),
    deregister_critical_service_after: service.deregisterCriticalServiceAfter,
  };
}
