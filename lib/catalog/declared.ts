import * as z from "zod";
import { renderDefinition } from "./definition.js";
import { discoverables } from "./discoverable.js";
import { type Monitored, monitoredOf } from "./monitored.js";
import type { Catalog } from "./types.js";

const checkSchema = z.looseObject({ id: z.string() });

/** A service definition as Consul KV or `renderDefinition` gives it, as far as a comparison reads it. */
export const definitionSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number(),
  tags: z.array(z.string()),
  meta: z.record(z.string(), z.string()),
  weights: z.record(z.string(), z.number()).optional(),
  checks: z.array(checkSchema),
});
/** One of them. */
export type Definition = Readonly<z.output<typeof definitionSchema>>;
/** One of its checks. */
export type CheckOf = Readonly<z.output<typeof checkSchema>>;

/** A service that declares only its name. */
export interface Named {
  readonly name: string;
  /** "" where it is not known, as of what was applied. */
  readonly team: string;
}

/** All that a catalog makes of a platform, to be compared with another or with what was applied. */
export interface Declared {
  /** An instance each, as Consul KV has it. */
  readonly definitions: readonly Definition[];
  /** Services whose instances register themselves. */
  readonly dynamic: readonly Named[];
  /** By the name of a service, the datacenters that its prepared query tries; services without are left out. */
  readonly failover: ReadonlyMap<string, readonly string[]>;
  /** What is said for those who watch a service, by its name; undefined where what was applied does not tell. */
  readonly monitored?: ReadonlyMap<string, Monitored> | undefined;
  /** Why nothing checks a service, by its id. What was applied does not tell. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Where nothing is declared. */
export const NOTHING: Declared = {
  definitions: [],
  dynamic: [],
  failover: new Map(),
  monitored: new Map(),
  reasons: new Map(),
};

/** What a catalog makes of a platform. */
export function declaredBy(catalog: Catalog): Declared {
  const queries = discoverables(catalog).filter(({ failover }) => failover.length > 0);
  return {
    definitions: catalog.services.map((service) => definitionSchema.parse(renderDefinition(service))),
    dynamic: catalog.dynamic.map(({ name, team }) => ({ name, team })),
    failover: new Map(queries.map(({ name, failover }) => [name, failover])),
    monitored: new Map(
      [...catalog.services, ...catalog.dynamic].map((service) => [service.name, monitoredOf(service)]),
    ),
    reasons: new Map(
      catalog.services.flatMap(({ id, checks }) =>
        checks.flatMap(({ check }) => (check.kind === "none" ? [[id, check.reason] as const] : [])),
      ),
    ),
  };
}
