import { type Endpoint, type Host, namesIn, type Place } from "./place.js";

/** A container of the platform that does not stand where its stack declares it. */
export interface Misplaced {
  readonly container: string;
  readonly network: string;
  /** What it is there that it should not be, such as `cut off from rollcall-platform`. */
  readonly fault: string;
  /** The calls of `docker` that put it right, in order. */
  readonly calls: readonly (readonly string[])[];
}

/**
 * The platform's containers that are there and stand elsewhere than declared: cut off from a network, at another address,
 * without a name or with somebody else's, or in a network of the platform that is not theirs. Terraform sees none of this:
 * its Docker provider does not read networks back.
 * @param ownNetworks the names of the networks that the platform made
 */
export function misplaced(
  places: readonly Place[],
  host: Host,
  instance: string,
  ownNetworks: readonly string[],
): readonly Misplaced[] {
  const declared = new Set(places.map(({ container }) => container));
  const ours = host.containers.filter((each) => each.instance === instance && declared.has(each.name));
  return ours.flatMap(({ id, name }) => {
    // A network that is gone is Terraform's to make.
    const isThere = ({ network }: { readonly network: string }) => host.networks.includes(network);
    const own = places.filter((each) => each.container === name && isThere(each));
    const endpoints = host.endpoints.filter((each) => each.id === id && isThere(each));
    const strayed = endpoints.filter(
      ({ network }) => ownNetworks.includes(network) && !own.some((place) => place.network === network),
    );
    return [
      ...strayed.map(({ network }) => ({
        ...{ container: name, network, fault: `attached to ${network}, where it does not belong` },
        calls: [disconnect(network, name)],
      })),
      ...own.flatMap((place) => {
        const { network } = place;
        const endpoint = endpoints.find((each) => each.network === network);
        const fault = endpoint === undefined ? `cut off from ${network}` : faultOf(place, endpoint, places);
        if (fault === "") return [];
        const calls = [...(endpoint === undefined ? [] : [disconnect(network, name)]), connect(place)];
        return [{ container: name, network, fault, calls }];
      }),
    ];
  });
}

/** The same calls for a person's shell. */
export function commandOf({ calls }: Pick<Misplaced, "calls">): string {
  return calls.map((args) => `docker ${args.join(" ")}`).join(" && ");
}

/** What is otherwise than declared with a container that stands in the network; "" where nothing is. */
function faultOf(place: Place, { address, names, isStale }: Endpoint, places: readonly Place[]): string {
  const { container, network } = place;
  if (isStale) return `in an earlier ${network}, which is gone`;
  const own = namesIn(place);
  const neighbours = places.filter((each) => each.network === network && each.container !== container);
  if (place.address !== "" && address !== place.address)
    return `at ${address || "no fixed address"} in ${network}, where the others know it by ${place.address}`;
  const robbed = neighbours.find((each) => each.address !== "" && each.address === address);
  if (robbed !== undefined) return `at ${address} in ${network}, the address of ${robbed.container}`;
  const missing = own.find((name) => !names.includes(name));
  if (missing !== undefined) return `without the name ${missing} in ${network}`;
  const borrowed = neighbours.flatMap(namesIn).find((name) => names.includes(name) && !own.includes(name));
  return borrowed === undefined ? "" : `under another one's name in ${network}, ${borrowed}`;
}

function disconnect(network: string, container: string): readonly string[] {
  return ["network", "disconnect", network, container];
}

function connect({ container, network, address, aliases }: Place): readonly string[] {
  const options = [...(address === "" ? [] : ["--ip", address]), ...aliases.flatMap((alias) => ["--alias", alias])];
  return ["network", "connect", ...options, network, container];
}
