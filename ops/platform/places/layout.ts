import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { SynthesizedStack } from "../synthesize.js";
import { namesIn, type Place } from "./place.js";

/** Where the platform's containers must stand. */
export interface Layout {
  readonly places: readonly Place[];
  /** The names of the networks that the platform makes. */
  readonly networks: readonly string[];
}

/** As the stacks declare it: after an apply. */
export function declaredLayout(stacks: readonly Pick<SynthesizedStack, "places" | "names">[]): Layout {
  return { places: stacks.flatMap((each) => each.places), networks: stacks.flatMap(({ names }) => names.network) };
}

const stateSchema = z.object({
  resources: z.array(
    z.object({ type: z.string(), instances: z.array(z.object({ attributes: z.record(z.string(), z.unknown()) })) }),
  ),
});
const networkSchema = z.object({ name: z.string() });
const containerSchema = z.object({
  name: z.string(),
  networks_advanced: z
    .array(
      z.object({
        name: z.string(),
        aliases: z.array(z.string()).nullish(),
        ipv4_address: z.string().nullish(),
      }),
    )
    .nullish(),
});

/**
 * As it was applied last, whatever the clone and its settings say by now.
 * @param states each stack's, by the stack's name
 */
export function appliedLayout(states: ReadonlyMap<string, string>): Layout {
  const resources = [...states].flatMap(([stack, text]) =>
    stateSchema
      .parse(JSON.parse(text))
      .resources.flatMap(({ type, instances }) => instances.map(({ attributes }) => ({ stack, type, attributes }))),
  );
  const of = (wanted: string) => resources.filter(({ type }) => type === wanted);
  return {
    networks: of("docker_network").map(({ attributes }) => networkSchema.parse(attributes).name),
    places: of("docker_container").flatMap(({ stack, attributes }) => {
      const { name: container, networks_advanced } = containerSchema.parse(attributes);
      return (networks_advanced ?? []).map(({ name, aliases, ipv4_address }) => ({
        ...{ container, stack, network: name },
        ...{ address: ipv4_address ?? "", aliases: aliases ?? [] },
      }));
    }),
  };
}

/** What of one layout the other one has as well, a container at a time: what Terraform is about to change is left to it. */
export function sharedLayout({ places, networks }: Layout, other: Layout): Layout {
  const of = (layout: readonly Place[], container: string) =>
    layout
      .filter((each) => each.container === container)
      .map((each) => [each.network, each.address, ...[...namesIn(each)].sort()])
      .sort();
  const isSame = (container: string) => isDeepStrictEqual(of(places, container), of(other.places, container));
  return { places: places.filter(({ container }) => isSame(container)), networks };
}
