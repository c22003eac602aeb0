import { renderCheck } from "./checks.js";
import { faultOf, type ServiceDefinition } from "./definition-schema.js";
import type { Service } from "./types.js";

/**
 * What Consul is to know about a service.
 * @throws Error where the registrar would refuse it: the catalog's rules then let something through
 */
export function renderDefinition(service: Service): ServiceDefinition {
  const after = service.deregisterCriticalServiceAfter;
  const reaped = after === "never" ? {} : { deregister_critical_service_after: after };
  const definition: ServiceDefinition = {
    id: service.id,
    name: service.name,
    address: service.address,
    port: service.port,
    tags: service.tags,
    meta: { team: service.team, ...service.meta },
    ...(service.weights === undefined ? {} : { weights: service.weights }),
    checks: service.checks.flatMap(({ name, check }) => {
      const rendered = renderCheck(check, service);
      return rendered === undefined ? [] : [{ id: `${service.id}:${name}`, ...rendered, ...reaped }];
    }),
  };
  const fault = faultOf(definition);
  if (fault !== undefined)
    throw new Error(
      `${service.id} of ${service.team} becomes a definition that the registrar would refuse, though the catalog's rules accept it: ${fault}`,
    );
  return definition;
}

/** Where the catalog lies in Consul KV. */
export const KV_PREFIX = "catalog/";

/** The key below the team's prefix: `<name>`, or `<name>/<id>` where a service has instances with ids of their own. */
export function kvSubkey({ name, id }: Pick<Service, "name" | "id">): string {
  return id === name ? name : `${name}/${id}`;
}

/** The key under which Consul KV holds a service: `catalog/<team>/<name>`, or `catalog/<team>/<name>/<id>`. */
export function kvKey(service: Service): string {
  return `${KV_PREFIX}${service.team}/${kvSubkey(service)}`;
}

/** The definition as compact JSON of printable ASCII, in which no text can pass for another. */
export function kvValue(service: Service): string {
  return JSON.stringify(renderDefinition(service)).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
