import { z } from "zod";
import { clusterOf, SERVERS_ALIAS } from "../../lib/consul/cluster";
import { docker, listAll } from "../docker-host";
import type { Trouble } from "../trouble";
import { type Examination, type Patient, runningParts } from "./examination";

/** An endpoint that Docker keeps in a network of ours. */
export interface Endpoint {
  readonly network: string;
  /** The container's id; `ep-…` for an endpoint without one. */
  readonly id: string;
  /** The container's name. */
  readonly name: string;
  /** IPv4, without the length of its prefix. */
  readonly address: string;
}

/** Where a member of the control plane must stand: the others know it by its address. */
export interface Place {
  /** The container's name on the host. */
  readonly name: string;
  readonly network: string;
  readonly address: string;
  readonly aliases: readonly string[];
}

const networksSchema = z.array(
  z.object({
    Name: z.string(),
    Containers: z.record(z.string(), z.object({ Name: z.string(), IPv4Address: z.string() })).nullish(),
  }),
);

/** Who is attached to our networks: members at their address, and nobody whose container is gone. */
export const networks: Examination = {
  name: "Networks",
  needsDocker: true,
  examine: async (patient) => {
    const ours = (await listAll("network")).filter(({ instance }) => instance === patient.settings.instance);
    const text = ours.length === 0 ? "[]" : await docker(["network", "inspect", ...ours.map(({ id }) => id)]);
    const endpoints = networksSchema.parse(JSON.parse(text)).flatMap(({ Name, Containers }) =>
      Object.entries(Containers ?? {}).map(([id, each]) => ({
        ...{ network: Name, id, name: each.Name },
        address: each.IPv4Address.replace(/\/.*$/, ""),
      })),
    );
    const ids = new Set(patient.containers.map(({ id }) => id));
    return {
      summary: `${endpoints.length} endpoints in ${ours.map(({ name }) => name).join(" and ") || "no network"}`,
      troubles: [...judgeEndpoints(endpoints, ids), ...judgePlaces(placesOf(patient), endpoints)],
    };
  },
};

function placesOf(patient: Patient): readonly Place[] {
  const { datacenter, servers, controlSubnet, prefix } = patient.settings;
  const { servers: members, agent } = clusterOf(datacenter, servers, controlSubnet);
  const running = new Set(runningParts(patient).map(({ container }) => container));
  return [...members, agent]
    .filter(({ name }) => running.has(name))
    .map(({ name, address }) => ({
      ...{ name: prefix + name, network: `${prefix}rollcall-control`, address },
      aliases: name === agent.name ? [name] : [name, SERVERS_ALIAS],
    }));
}

/**
 * Endpoints of containers that are gone: each holds an address, and keeps `down` from its end.
 * @param containers ids of all containers that are there
 */
export function judgeEndpoints(endpoints: readonly Endpoint[], containers: ReadonlySet<string>): readonly Trouble[] {
  return endpoints
    .filter(({ id }) => !containers.has(id))
    .map(({ network, name }) => ({
      what: `Docker keeps an endpoint of ${name} in ${network}, whose container is gone`,
      remedy: `\`docker network disconnect --force ${network} ${name}\``,
    }));
}

/** Members that run and are not where the others look for them. */
export function judgePlaces(places: readonly Place[], endpoints: readonly Endpoint[]): readonly Trouble[] {
  return places.flatMap(({ name, network, address, aliases }) => {
    const found = endpoints.find((each) => each.network === network && each.name === name);
    if (found?.address === address) return [];
    const options = [`--ip ${address}`, ...aliases.map((alias) => `--alias ${alias}`)].join(" ");
    const connect = `docker network connect ${options} ${network} ${name}`;
    return [
      found === undefined
        ? { what: `${name} is cut off from ${network}`, remedy: `\`${connect}\`` }
        : {
            what: `${name} has the address ${found.address} in ${network}, and the others know it by ${address}`,
            remedy: `\`docker network disconnect ${network} ${name} && ${connect}\``,
          },
    ];
  });
}
