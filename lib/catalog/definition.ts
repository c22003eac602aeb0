import { type CheckDefinition, renderCheck } from "./checks";
import type { Service } from "./types";

/** A service definition in Consul's words, as an agent's configuration file and its API take it. */
export interface ServiceDefinition {
  /** Of a service with one instance, its name. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  /** `team`, then the service's own pairs. */
  readonly meta: Readonly<Record<string, string>>;
  readonly weights?: { readonly passing: number; readonly warning: number };
  /** None where the catalog says so. Each id is `<service id>:<name>`, unique on the agent. */
  readonly checks: readonly (CheckDefinition & {
    readonly id: string;
    readonly deregister_critical_service_after?: string;
  })[];
}

/** What Consul is to know about a service. */
export function renderDefinition(service: Service): ServiceDefinition {
  const after = service.deregisterCriticalServiceAfter;
  const reaped = after === "never" ? {} : { deregister_critical_service_after: after };
  return {
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

/** The longest `kvValue` that the registrar takes, in characters: `LONGEST` in registrar/definition.awk. */
export const LONGEST_VALUE = 16384;

/** The definition as compact JSON of printable ASCII: the registrar reads it with an awk that knows bytes only. */
export function kvValue(service: Service): string {
  return JSON.stringify(renderDefinition(service)).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
