import type { Declared, Definition } from "../../lib/catalog/declared.js";
import { type Difference, differingFields } from "../../lib/catalog/differing-fields.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import type { LiveInstance } from "../consul/api/catalog.js";
import type { LiveCheck } from "../consul/api/health.js";

/** How a service compares with its declaration; `extra` is an undeclared one. */
export type Standing = "passing" | "warning" | "critical" | "missing" | "differs" | "twice" | "extra";

/** What was declared or applied of one service, beside what Consul has of it. */
export interface ServiceStanding {
  readonly declared: Definition;
  readonly standing: Exclude<Standing, "extra">;
  /** As the shared agent has it, under its id; undefined where the agent does not have it. */
  readonly own: LiveInstance | undefined;
  /** Registered under its name, by its id elsewhere or by one that no service of this name declares. */
  readonly others: readonly LiveInstance[];
  /** In what `own` differs from the declaration; where there is none, in what the first of `others` does. */
  readonly differences: readonly Difference[];
  /** Its worst check, its node's included; undefined where it has none. */
  readonly worst: LiveCheck | undefined;
}

/** All that was declared beside all that Consul has. */
export interface Standings {
  /** In the order of the declarations. */
  readonly services: readonly ServiceStanding[];
  /** What belongs to no declaration, also under a declared name. */
  readonly strangers: readonly LiveInstance[];
}

/**
 * How each declared service stands. Each is expected on the shared agent under its id; what else has its name is
 * registered once more. Pure.
 */
export function standings(
  { definitions, dynamic }: Pick<Declared, "definitions" | "dynamic">,
  instances: readonly LiveInstance[],
  checks: readonly LiveCheck[],
): Standings {
  const ids = new Set(definitions.map(({ id }) => id));
  const isOwn = ({ node, id }: LiveInstance) => node === AGENT_NODE && ids.has(id);
  const owned = new Map(instances.filter(isOwn).map((each) => [each.id, each]));
  const strangers = withoutDynamic(dynamic, instances).filter((each) => !isOwn(each));
  const byName = grouped(strangers);
  const declaredAs = grouped(definitions);
  const services = definitions.map((declared) => {
    const siblings = (declaredAs.get(declared.name) ?? []).filter((each) => each !== declared);
    const others = (byName.get(declared.name) ?? []).filter(({ id }) => !siblings.some((each) => each.id === id));
    return standingOf(declared, owned.get(declared.id), others, checks);
  });
  return { services, strangers };
}

function grouped<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(each.name);
    if (group === undefined) groups.set(each.name, [each]);
    else group.push(each);
  }
  return groups;
}

/** Without Consul's own service, and without the dynamic ones, whose instances come and go. */
export function withoutDynamic(
  dynamic: Declared["dynamic"],
  instances: readonly LiveInstance[],
): readonly LiveInstance[] {
  const left = new Set(["consul", ...dynamic.map(({ name }) => name)]);
  return instances.filter(({ name }) => !left.has(name));
}

function standingOf(
  declared: Definition,
  own: LiveInstance | undefined,
  others: readonly LiveInstance[],
  checks: readonly LiveCheck[],
): ServiceStanding {
  const [instance, ...more] = own === undefined ? others : [own, ...others];
  const common = { declared, own, others };
  if (instance === undefined) return { ...common, standing: "missing", differences: [], worst: undefined };
  const differences = differingFields({ ...declared, node: AGENT_NODE }, instance);
  const ofService = checks.filter(({ node, serviceId }) => node === instance.node && serviceId === instance.id);
  const ofNode = checks.filter(({ node, serviceId }) => node === instance.node && serviceId === "");
  const worst = worstOf([...ofService, ...ofNode]);
  const compared = { ...common, differences, worst };
  if (more.length > 0) return { ...compared, standing: "twice" };
  // Instances and checks are read one beside the other: a service that has just been registered may show without.
  if (differences.length > 0 || ofService.length < declared.checks.length) return { ...compared, standing: "differs" };
  return { ...compared, standing: worst === undefined ? "passing" : inWord(worst) };
}

function inWord({ status }: LiveCheck): "passing" | "warning" | "critical" {
  return status === "passing" || status === "warning" ? status : "critical";
}

function worstOf(checks: readonly LiveCheck[]): LiveCheck | undefined {
  const rank = ["passing", "warning", "critical"];
  return [...checks].sort((a, b) => rank.indexOf(b.status) - rank.indexOf(a.status))[0];
}
