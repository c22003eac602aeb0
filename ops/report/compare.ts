import { declaredBy } from "../../lib/catalog/declared.js";
import { kvSubkey } from "../../lib/catalog/definition.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import { oneLine } from "../../lib/printable.js";
import type { Settings } from "../../lib/settings.js";
import type { LiveInstance } from "../consul/api/catalog.js";
import type { LiveCheck } from "../consul/api/health.js";
import { type ServiceStanding, type Standing, standings, withoutDynamic } from "./standings.js";

/** One service, declared or found. */
export interface Finding {
  readonly name: string;
  /** "" for an undeclared service. */
  readonly team: string;
  readonly standing: Standing;
  /** What is wrong, for a person. "" where nothing is. */
  readonly why: string;
}

/** Declared against live, service by service; declared ones first, in the catalog's order. Pure. */
export function compare(
  catalog: Catalog,
  instances: readonly LiveInstance[],
  checks: readonly LiveCheck[],
): readonly Finding[] {
  const declared = new Set(catalog.services.map(({ name }) => name));
  const { services, strangers } = standings(declaredBy(catalog), instances, checks);
  return [
    ...services.map((service) => ({
      name: kvSubkey(service.declared),
      team: service.declared.meta.team ?? "",
      standing: service.standing,
      why: whyOf(service),
    })),
    ...strangers
      // Under a declared name it is told there.
      .filter(({ name }) => !declared.has(name))
      .map(({ name, node, id }) => ({
        name,
        team: "",
        standing: "extra" as const,
        why: `registered on ${node} as ${id}, but no catalog file declares it`,
      })),
  ];
}

/** How many services of a team pass, of those that it declares. */
export interface TeamStanding {
  readonly team: string;
  readonly passing: number;
  readonly declared: number;
}

/** How many services of each team pass, from the findings of `compare`. Pure. */
export function teamStandings({ teams }: Catalog, findings: readonly Finding[]): readonly TeamStanding[] {
  return teams.map(({ name, services }) => ({
    team: name,
    passing: findings.filter(({ team, standing }) => team === name && standing === "passing").length,
    declared: services.length,
  }));
}

/**
 * The instances that are to be compared. Those of a dynamic service come and go; and with `ROLLCALL_COEXIST=on` a service
 * may stand once more under its declared name, registered by itself, which `audit` tells.
 */
export function comparable(
  { coexist }: Pick<Settings, "coexist">,
  catalog: Catalog,
  instances: readonly LiveInstance[],
): readonly LiveInstance[] {
  const declared = new Set(catalog.services.map(({ name }) => name));
  return withoutDynamic(catalog.dynamic, instances).filter(
    ({ node, name }) => !coexist || node === AGENT_NODE || !declared.has(name),
  );
}

/** What is wrong with a service, for a person; "" where it passes. */
function whyOf({ standing, own, others, differences, worst }: ServiceStanding): string {
  switch (standing) {
    case "passing":
      return "";
    case "missing":
      return "Consul does not have it";
    case "twice":
      return `registered on ${placesOf(own === undefined ? others : [own, ...others])}`;
    case "differs":
      if (differences.length === 0) return "Consul does not have its check";
      return differences.map(({ field, declared }) => `${field} is not ${JSON.stringify(declared)}`).join(", ");
    default:
      return oneLine(worst?.output ?? "", 160) || "its check has said nothing yet";
  }
}

function placesOf(instances: readonly LiveInstance[]): string {
  return instances.map(({ node, id }) => `${node} as ${id}`).join(", ");
}
