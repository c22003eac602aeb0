import type { CatalogFacts } from "../../lib/monitoring/catalog-facts.js";
import type { Declarations } from "./declared.js";
import type { Seen } from "./seen.js";

/**
 * How many instances are registered that no declaration names; of a service elsewhere without a check, its name counts as
 * one. Pure.
 */
export function countExtra(
  { declared, doubtful }: Declarations,
  seen: Seen,
  node: string,
  facts: CatalogFacts,
): number {
  const names = new Set([...declared.values(), ...doubtful.values()].map(({ service }) => service));
  const left = new Set(["consul", ...facts.dynamic]);
  const isOurs = (id: string, name: string) => (declared.get(id) ?? doubtful.get(id))?.service === name;
  const here = [...seen.registered].filter(([id, name]) => !left.has(name) && !isOurs(id, name));
  const elsewhere = seen.checks.filter(
    ({ node: on, id, service }) =>
      on !== node && id !== "" && !left.has(service) && !(facts.coexist && names.has(service)),
  );
  const told = new Set([...seen.registered.values(), ...elsewhere.map(({ service }) => service)]);
  const unchecked = seen.names.filter((name) => !left.has(name) && !names.has(name) && !told.has(name));
  return here.length + new Set(elsewhere.map(({ node: on, id }) => `${on}\n${id}`)).size + unchecked.length;
}
