import type { CatalogFacts } from "../../lib/monitoring/catalog-facts.js";
import type { InstanceState } from "../../lib/monitoring/metrics.js";
import type { Declarations, Declared } from "./declared.js";
import { countExtra } from "./extra.js";
import { isMaintenance, type Seen, type SeenCheck } from "./seen.js";

/** What one check of an instance says. */
export interface CheckView {
  readonly check: string;
  readonly status: string;
  readonly output: string;
}

/** A declared instance as it is. */
export interface InstanceView extends Declared {
  readonly state: InstanceState;
  /** What the state comes from, in a check's words; "" where there are none. */
  readonly why: string;
  /** Its own checks, in the order of their names. */
  readonly checks: readonly CheckView[];
}

/** The platform at one moment. */
export interface View {
  readonly instances: readonly InstanceView[];
  /** Names of services of which discovery hands out an instance. */
  readonly handedOut: ReadonlySet<string>;
  /** Whether the servers reach the agent that services are registered on. */
  readonly isAgentUp: boolean;
  /** Values in Consul KV. */
  readonly declared: number;
  /** Of the declared instances. */
  readonly registered: number;
  readonly extra: number;
  readonly refused: number;
}

/** What the checks of a node or a service come to, by Consul's rule. */
type Health = "passing" | "warning" | "critical" | "maintenance";

const SERF = "serfHealth";

/** Declared against registered, and the state of each instance. Pure. */
export function viewOf(declarations: Declarations, seen: Seen, node: string, facts: CatalogFacts): View {
  const ofService = grouped(
    seen.checks.filter(({ id }) => id !== ""),
    ({ node: on, id }) => `${on}\n${id}`,
  );
  const ofNode = grouped(
    seen.checks.filter(({ id }) => id === ""),
    ({ node: on }) => on,
  );
  const nodeChecks = ofNode.get(node) ?? [];
  const isAgentUp = nodeChecks.some(({ check, status }) => check === SERF && status === "passing");
  const kept = [...declarations.doubtful.values()].filter(({ id }) => seen.registered.has(id));
  const instances = [...declarations.declared.values(), ...kept]
    .sort((one, other) => order(one.service, other.service) || order(one.id, other.id))
    .map((declared) => {
      const own = ofService.get(`${node}\n${declared.id}`) ?? [];
      const isRegistered = seen.registered.get(declared.id) === declared.service;
      return { ...declared, ...stateOf(own, nodeChecks, isRegistered, isAgentUp), checks: viewsOf(own) };
    });
  const handedOut = new Set(instances.filter(isHandedOut).map(({ service }) => service));
  // What registered itself under a declared name is handed out as well.
  for (const checks of ofService.values()) {
    const [first] = checks;
    if (first !== undefined && isHealthy([...checks, ...(ofNode.get(first.node) ?? [])])) handedOut.add(first.service);
  }
  return {
    instances,
    handedOut,
    isAgentUp,
    declared: declarations.declared.size + declarations.refused.size,
    registered: instances.filter(({ state, id, service }) => state !== "missing" && seen.registered.get(id) === service)
      .length,
    extra: countExtra(declarations, seen, node, facts),
    refused: declarations.refused.size,
  };
}

/**
 * Whether an instance is registered and declared with checks of which none is seen. Consul registers both in one step, so the
 * two answers are of different moments; or somebody has taken its checks away.
 */
export function lacksChecks({ declared }: Declarations, { checks, registered }: Seen): boolean {
  const checked = new Set(checks.map(({ id }) => id));
  return [...declared.values()].some(({ id, kinds }) => kinds.length > 0 && registered.has(id) && !checked.has(id));
}

/** Whether all that is declared is registered, and nothing else. */
export function isInSync({ declared, registered, extra, refused }: View): boolean {
  return registered === declared && extra === 0 && refused === 0;
}

/** Whether discovery hands an instance out. */
function isHandedOut({ state }: InstanceView): boolean {
  return state === "passing" || state === "warning";
}

function stateOf(
  own: readonly SeenCheck[],
  ofNode: readonly SeenCheck[],
  isRegistered: boolean,
  isAgentUp: boolean,
): { readonly state: InstanceState; readonly why: string } {
  const serf = ofNode.find(({ check }) => check === SERF);
  // Nobody has looked since: what its checks said last may be long past.
  if (!isAgentUp) return { state: "unknown", why: serf?.output ?? "its agent is gone" };
  if (!isRegistered) return { state: "missing", why: "declared, but not registered" };
  const all = [...own, ...ofNode];
  const state = worst(all);
  const from = all.find((check) => healthOf(check) === state && (state !== "passing" || check.id !== ""));
  return { state, why: from?.output ?? "" };
}

function viewsOf(checks: readonly SeenCheck[]): readonly CheckView[] {
  return checks
    .map(({ check, status, output }) => ({ check, status, output }))
    .sort((one, other) => order(one.check, other.check));
}

const RANKS: readonly Health[] = ["passing", "warning", "critical", "maintenance"];

function worst(checks: readonly SeenCheck[]): Health {
  return RANKS[Math.max(0, ...checks.map((check) => RANKS.indexOf(healthOf(check))))] ?? "passing";
}

function healthOf({ check, status }: SeenCheck): Health {
  if (isMaintenance(check)) return "maintenance";
  return status === "passing" || status === "warning" ? status : "critical";
}

function isHealthy(checks: readonly SeenCheck[]): boolean {
  return RANKS.indexOf(worst(checks)) <= RANKS.indexOf("warning");
}

function grouped<T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(by(each));
    if (group === undefined) groups.set(by(each), [each]);
    else group.push(each);
  }
  return groups;
}

/** By code unit, the same in every language. */
function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
