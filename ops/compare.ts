import { isDeepStrictEqual } from "node:util";
import { kvSubkey, renderDefinition } from "../lib/catalog/definition";
import type { Catalog, Service } from "../lib/catalog/types";
import { AGENT_NODE } from "../lib/consul/cluster";
import { oneLine } from "../lib/printable";
import type { Settings } from "../lib/settings";
import type { LiveCheck, LiveInstance } from "./consul-client";

/** How a declared service stands, or what stands there undeclared. */
export type Standing = "passing" | "warning" | "critical" | "missing" | "differs" | "twice" | "extra";

/** One service, declared or found. */
export interface Finding {
  readonly name: string;
  /** "" for one that nobody declared. */
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
  const ids = new Set(catalog.services.map(({ id }) => id));
  return [
    ...catalog.services.map((service) =>
      standingOf(
        service,
        // An instance with an id that another declaration has is that one's.
        instances.filter(({ name, id }) => name === service.name && (id === service.id || !ids.has(id))),
        checks,
      ),
    ),
    ...instances
      .filter(({ name }) => name !== "consul" && !declared.has(name))
      .map(({ name, node, id }) => ({
        name,
        team: "",
        standing: "extra" as const,
        why: `registered on ${node} as ${id}, but no catalog file declares it`,
      })),
  ];
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
  const dynamic = new Set(catalog.dynamic.map(({ name }) => name));
  return instances.filter(
    ({ node, name }) => !dynamic.has(name) && (!coexist || node === AGENT_NODE || !declared.has(name)),
  );
}

function standingOf(service: Service, instances: readonly LiveInstance[], checks: readonly LiveCheck[]): Finding {
  const { team } = service;
  const name = kvSubkey(service);
  const instance = instances.find(({ id }) => id === service.id) ?? instances[0];
  if (instance === undefined) return { name, team, standing: "missing", why: "Consul does not have it" };
  if (instances.length > 1) {
    const places = instances.map(({ node, id }) => `${node} as ${id}`).join(", ");
    return { name, team, standing: "twice", why: `registered on ${places}` };
  }
  const difference = differenceOf(service, instance);
  if (difference !== "") return { name, team, standing: "differs", why: difference };
  const own = checks.filter(({ node, serviceId }) => node === instance.node && serviceId === instance.id);
  // Instances and checks are read one beside the other: a service that has just been registered may show without.
  if (own.length < renderDefinition(service).checks.length)
    return { name, team, standing: "differs", why: "Consul does not have its check" };
  const node = checks.find((check) => check.node === instance.node && check.serviceId === "");
  const worst = worstOf(node === undefined ? own : [...own, node]);
  if (worst === undefined || worst.status === "passing") return { name, team, standing: "passing", why: "" };
  return {
    name,
    team,
    standing: worst.status === "warning" ? "warning" : "critical",
    why: oneLine(worst.output, 160) || "its check has said nothing yet",
  };
}

function worstOf(checks: readonly LiveCheck[]): LiveCheck | undefined {
  const rank = ["passing", "warning", "critical"];
  return [...checks].sort((a, b) => rank.indexOf(b.status) - rank.indexOf(a.status))[0];
}

function differenceOf(service: Service, live: LiveInstance): string {
  const { address, port, tags, meta } = renderDefinition(service);
  const fields = { node: AGENT_NODE, address, port, tags, meta };
  const found = { node: live.node, address: live.address, port: live.port, tags: live.tags, meta: live.meta };
  return Object.entries(fields)
    .filter(([field, value]) => !isDeepStrictEqual(value, Object.entries(found).find(([name]) => name === field)?.[1]))
    .map(([field, value]) => `${field} is not ${JSON.stringify(value)}`)
    .join(", ");
}
