import type { Catalog } from "./types.js";

/** A service as applications look it up. */
export interface Discoverable {
  readonly name: string;
  /** Datacenters to try where no instance here passes, in this order; [] for none. */
  readonly failover: readonly string[];
}

/** Every service that applications can look up, once each, whether the catalog registers it or its instances do. */
export function discoverables({ services, dynamic }: Catalog): readonly Discoverable[] {
  const all = [...services, ...dynamic].map(({ name, failover = [] }) => [name, { name, failover }] as const);
  return [...new Map(all).values()];
}

/** The name under which DNS can ask for a service: host names have no `_`. */
export function dnsName(service: string): string {
  return service.replaceAll("_", "-");
}
