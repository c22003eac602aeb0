import { type CheckDefinition, renderCheck } from "./checks";
import type { Service } from "./types";

/** A service definition in Consul's words, as an agent's configuration file and its API take it. */
export interface ServiceDefinition {
  /** The same as the name: one instance a service. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  /** `team`, then the service's own pairs. */
  readonly meta: Readonly<Record<string, string>>;
  /** One check, or none where the catalog says so. */
  readonly checks: readonly (CheckDefinition & { readonly deregister_critical_service_after?: string })[];
}

/** What Consul is to know about a service. */
export function renderDefinition(service: Service): ServiceDefinition {
  const check = renderCheck(service.check, service);
  const after = service.deregisterCriticalServiceAfter;
  const reaped = after === "never" ? {} : { deregister_critical_service_after: after };
  return {
    id: service.name,
    name: service.name,
    address: service.address,
    port: service.port,
    tags: service.tags,
    meta: { team: service.team, ...service.meta },
    checks: check === undefined ? [] : [{ ...check, ...reaped }],
  };
}

/** Where the catalog lies in Consul KV. */
export const KV_PREFIX = "catalog/";

/** The key under which Consul KV holds a service: `catalog/<team>/<name>`. */
export function kvKey(service: Service): string {
  return `${KV_PREFIX}${service.team}/${service.name}`;
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
