import type { Catalog } from "../../../lib/catalog/types.js";
import { AGENT_NODE } from "../../../lib/consul/cluster.js";
import type { Settings } from "../../../lib/settings.js";
import type { Problem } from "../../report/problem.js";
import { isUnknown, type Unknown } from "../result.js";
import type { Layout } from "./layout.js";
import { commandOf, type Misplaced, misplaced } from "./misplaced.js";
import type { Host } from "./place.js";
import { readHost } from "./read-host.js";
import { doubles, judgeStrangers, type Stranger, sharedHosts, squatters } from "./strangers.js";

/** Who does not stand where the platform declares it, and who stands where others should. */
export interface Standing {
  readonly host: Host;
  readonly misplaced: readonly Misplaced[];
  readonly squatting: readonly Stranger[];
  readonly doubling: readonly Stranger[];
  /** Hosts of the catalog that several containers answer for, none of them ours. */
  readonly shared: ReturnType<typeof sharedHosts>;
}

/**
 * Reads the platform's networks, its own and those of `ROLLCALL_NETWORKS`, and compares them with a layout.
 * @param hosts the names under which the catalog's services are reached
 */
export async function readStanding(
  { instance, prefix }: Pick<Settings, "instance" | "prefix">,
  { places, networks }: Layout,
  hosts: readonly string[],
): Promise<Standing> {
  const host = await readHost([...new Set([...networks, ...places.map(({ network }) => network)])], instance);
  return {
    host,
    misplaced: misplaced(places, host, instance, networks),
    squatting: squatters(places, host, instance),
    doubling: doubles(places, host, instance),
    shared: sharedHosts(hosts, places, host, prefix + AGENT_NODE),
  };
}

/** The names and addresses under which the services of a catalog are reached, each once. */
export function hostsOf(catalog: Catalog | Unknown): readonly string[] {
  return isUnknown(catalog) ? [] : [...new Set(catalog.services.map(({ address }) => address))];
}

/** What is wrong with where things stand, each with the command that puts it right. Pure. */
export function judgeStanding(standing: Omit<Standing, "host">): readonly Problem[] {
  return [
    ...standing.misplaced.map((each) => ({
      what: `${each.container} is ${each.fault}`,
      remedy: `\`npx rollcall up\` repairs it; by hand: \`${commandOf(each)}\``,
    })),
    ...judgeStrangers(standing.squatting, standing.doubling, standing.shared),
  ];
}
