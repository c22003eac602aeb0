import { ALERT_IF_LEFT_OUT, type Monitored, monitoredOf } from "../catalog/monitored.js";
import type { Catalog } from "../catalog/types.js";

/** What the monitor must know of the catalog besides what Consul KV says. A change of it replaces its container alone. */
export interface CatalogFacts {
  /** Names whose instances come and go: none of them is undeclared. */
  readonly dynamic: readonly string[];
  /** Whether a service may stand once more under its declared name, registered by itself. */
  readonly coexist: boolean;
  /** What services say for those who watch them, by their names; one that says nothing is left out. */
  readonly services: Readonly<Record<string, Monitored>>;
}

/** Labels of a metric. */
export type Labels = Readonly<Record<string, string>>;

/** What the monitor must know of a catalog. */
export function catalogFactsOf(
  { services, dynamic }: Pick<Catalog, "services" | "dynamic">,
  coexist: boolean,
): CatalogFacts {
  const said = [...services, ...dynamic].map((service) => [service.name, monitoredOf(service)] as const);
  return {
    dynamic: dynamic.map(({ name }) => name),
    coexist,
    services: Object.fromEntries(said.filter(([, each]) => Object.keys(each).length > 0)),
  };
}

/** The labels of `rollcall_service_info` that come from the catalog, for people and rules. */
export function labelsOf({ alert = ALERT_IF_LEFT_OUT, slo, latency, owner, runbook }: Monitored): Labels {
  return {
    severity: alert,
    slo: slo === undefined ? "" : String(slo),
    latency: latency ?? "",
    owner: owner ?? "",
    runbook: runbook ?? "",
  };
}
