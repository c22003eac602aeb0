import { few } from "../../cli/few.js";
import type { Problem } from "../../report/problem.js";
import { type Endpoint, type Host, namesIn, type Place } from "./place.js";

/** A container that has something in a network which is declared for another one. */
export interface Stranger {
  readonly container: string;
  readonly network: string;
  /** True for what is no container any more: Docker kept its endpoint. */
  readonly isGone: boolean;
  /** What it has: the address, or the names. */
  readonly has: readonly string[];
  /** The container for which that is declared. */
  readonly of: string;
  /** Whether that is a part of the platform itself, and no stand-in for a service. */
  readonly isPart: boolean;
}

/** The stack that makes the stand-ins, one under the name of each host of the catalog. */
const STAND_INS = "workloads";

/** Who else has a fixed address of the platform. */
export function squatters(places: readonly Place[], host: Host, instance: string): readonly Stranger[] {
  const fixed = places.filter(({ address }) => address !== "");
  return strangersIn(host, instance).flatMap((endpoint) => {
    const place = fixed.find(({ network, address }) => network === endpoint.network && address === endpoint.address);
    return place === undefined ? [] : [stranger(endpoint, [endpoint.address], place)];
  });
}

/** Other containers with a name that the platform declares: DNS returns either one. */
export function doubles(places: readonly Place[], host: Host, instance: string): readonly Stranger[] {
  return strangersIn(host, instance).flatMap((endpoint) => {
    if (!endpoint.isRunning) return [];
    const owners = places.filter(({ network }) => network === endpoint.network);
    const robbed = owners.filter((place) => namesIn(place).some((name) => endpoint.names.includes(name)));
    // A part of the platform weighs more than a stand-in.
    const [first] = [...robbed].sort((a, b) => Number(a.stack === STAND_INS) - Number(b.stack === STAND_INS));
    if (first === undefined) return [];
    const names = new Set(robbed.flatMap(namesIn).filter((name) => endpoint.names.includes(name)));
    return [stranger(endpoint, [...names], first)];
  });
}

/**
 * Hosts of the catalog for which several containers answer in the networks where the agent looks for them, and none of
 * which the platform made: replicas of one service, or a mistake.
 * @param agent the agent's container
 */
export function sharedHosts(
  hosts: readonly string[],
  places: readonly Place[],
  host: Host,
  agent: string,
): readonly { readonly host: string; readonly containers: readonly string[] }[] {
  const looked = new Set(places.filter(({ container }) => container === agent).map(({ network }) => network));
  const running = host.endpoints.filter(({ network, isRunning }) => looked.has(network) && isRunning);
  return hosts.flatMap((name) => {
    const found = running.filter(({ names }) => names.includes(name.toLowerCase()));
    const containers = [...new Set(found.map(({ container }) => container))].sort();
    const networks = new Set(found.map(({ network }) => network));
    const isOwned = places.some(
      ({ network, ...place }) => networks.has(network) && namesIn(place).includes(name.toLowerCase()),
    );
    // Within the stand-in's own network the other one is a double, which is told as such.
    return containers.length < 2 || (isOwned && networks.size === 1) ? [] : [{ host: name, containers }];
  });
}

/** The command by which a stranger leaves the network, and stays what it is otherwise. */
export function expel({ network, container, isGone }: Stranger): string {
  return `docker network disconnect ${isGone ? "--force " : ""}${network} ${container}`;
}

/** What is wrong, each with its command. */
export function judgeStrangers(
  squatting: readonly Stranger[],
  doubling: readonly Stranger[],
  shared: ReturnType<typeof sharedHosts>,
): readonly Problem[] {
  return [
    ...squatting.map((each) => ({
      what: `${each.container} has the address ${few(each.has)} in ${each.network}, which is ${each.of}'s`,
      remedy: `\`${expel(each)}\`, then \`npx rollcall up\`.`,
    })),
    ...doubling.map((each) => ({
      what: `${each.container} answers to ${few(each.has)} in ${each.network}, as ${each.of} does: callers reach either`,
      remedy: `\`${expel(each)}\`, or stop it.`,
    })),
    ...shared.map(({ host, containers }) => ({
      what: `${containers.length} containers answer to ${host} where the agent looks for it: ${few(containers)}`,
      remedy:
        "Replicas of one service may; else `docker network disconnect NETWORK NAME` takes away the one that is not meant.",
      isNote: true,
    })),
  ];
}

/** Our own are put where they belong, or go: servers that are not asked for any more answer to the servers' name until then. */
function strangersIn(host: Host, instance: string): readonly Endpoint[] {
  return host.endpoints.filter((each) => each.instance !== instance);
}

function stranger({ container, network, isGone }: Endpoint, has: readonly string[], place: Place): Stranger {
  return { container, network, isGone, has, of: place.container, isPart: place.stack !== STAND_INS };
}
