import type { CatalogFacts } from "../../lib/monitoring/catalog-facts.js";
import { type Declarations, Declaring } from "../../programs/monitor/declared.js";
import type { Seen, SeenCheck } from "../../programs/monitor/seen.js";
import { type InstanceView, type View, viewOf } from "../../programs/monitor/states.js";

/** The node that declared services stand on. */
export const NODE = "consul-agent-shared";
export const NO_MORE: CatalogFacts = { dynamic: [], coexist: false, services: {} };

/** A sound definition. */
export function definition(name: string, team = "user-platform", id = name) {
  return {
    ...{ id, name, address: `isa-${name}`, port: 8216, tags: ["v1"], meta: { team } },
    checks: [{ id: `${id}:http`, http: `http://isa-${name}:8216/health`, interval: "10s", timeout: "5s" }],
  };
}

/** Entries of Consul KV as its API gives them. */
export function entriesOf(values: Readonly<Record<string, unknown>>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64"),
  }));
}

/** What these values declare, by key. */
export function declaring(values: Readonly<Record<string, unknown>>): Declarations {
  return new Declaring("catalog/").read(entriesOf(values));
}

/** `billing` and `audit`, declared. */
export const TWO = declaring({
  "catalog/user-platform/audit": definition("audit"),
  "catalog/user-platform/billing": definition("billing"),
});

export function check(service: string, status: string, more: Partial<SeenCheck> = {}): SeenCheck {
  return { node: NODE, check: `${service}:http`, id: service, service, status, output: `it is ${status}`, ...more };
}

export function serf(status = "passing", node = NODE): SeenCheck {
  return { node, check: "serfHealth", id: "", service: "", status, output: "Agent alive and reachable" };
}

/** Everything registered on the node, passing unless these checks say otherwise. */
export function seenWith(checks: readonly SeenCheck[], registered = ["audit", "billing"], names = registered): Seen {
  return { checks, registered: new Map(registered.map((name) => [name, name])), names: ["consul", ...names] };
}

export const WELL = seenWith([serf(), check("audit", "passing"), check("billing", "passing")]);

export function view(seen: Seen, declarations = TWO, facts = NO_MORE): View {
  return viewOf(declarations, seen, NODE, facts);
}

export function instance({ instances }: View, id = "billing"): InstanceView {
  const found = instances.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
