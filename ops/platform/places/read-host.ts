import { z } from "zod";
import { docker, listAll, lookAgain } from "../../docker/docker-host.js";
import type { Endpoint, Host } from "./place.js";

const networksSchema = z.array(
  z.object({
    Name: z.string(),
    Id: z.string(),
    Containers: z.record(z.string(), z.object({ Name: z.string(), IPv4Address: z.string() })).nullish(),
  }),
);
const containerSchema = z.object({
  Id: z.string(),
  Networks: z.record(
    z.string(),
    z.object({
      NetworkID: z.string().default(""),
      IPAddress: z.string().default(""),
      Aliases: z.array(z.string()).nullish(),
      // Since Docker 25: all that its DNS answers to.
      DNSNames: z.array(z.string()).nullish(),
      IPAMConfig: z.object({ IPv4Address: z.string().default("") }).nullish(),
    }),
  ),
});

/**
 * Who stands in these networks, and where our own containers stand.
 * @param networks their names on the host; one that is not there is left out
 */
export function readHost(networks: readonly string[], instance: string): Promise<Host> {
  return lookAgain(() => readOnce(networks, instance));
}

/** An overlay network has endpoints of Docker's own besides: `lb-NAME`, `ingress-sbox`. */
const OF_A_CONTAINER = /^(?:[0-9a-f]{64}$|ep-)/;

async function readOnce(networks: readonly string[], instance: string): Promise<Host> {
  const [containers, found] = await Promise.all([listAll("container"), listAll("network")]);
  const ids = found.filter(({ name }) => networks.includes(name)).map(({ id }) => id);
  const text = ids.length === 0 ? "[]" : await docker(["network", "inspect", ...ids]);
  const inspected = networksSchema.parse(JSON.parse(text));
  const attached = inspected.flatMap(({ Name, Containers }) =>
    Object.entries(Containers ?? {}).map(([id, each]) => ({ network: Name, id, ...each })),
  );
  const known = new Map(containers.map((each) => [each.id, each]));
  const strangers = attached.filter(({ id }) => !known.has(id) && OF_A_CONTAINER.test(id));
  // One that started since the containers were listed is not gone: its owner must not be told to disconnect it.
  const later = strangers.length === 0 ? [] : await listAll("container");
  if (strangers.some(({ id }) => later.some((each) => each.id === id))) return readOnce(networks, instance);
  const gone = strangers.map(({ network, id, Name, IPv4Address }) => ({
    ...{ network, id, container: Name, instance: "", isRunning: false, isStale: false, isGone: true },
    ...{ address: IPv4Address.replace(/\/.*$/, ""), names: [] },
  }));
  const standing = new Set(attached.map(({ id }) => id));
  // A carrier never starts.
  const looked = containers.filter(
    (each) => standing.has(each.id) || (each.instance === instance && each.state !== "created"),
  );
  const current = new Map(inspected.map(({ Name, Id }) => [Name, Id]));
  return { networks: [...current.keys()], containers, endpoints: [...(await endpointsOf(looked, current)), ...gone] };
}

/** @param current the ids of the networks that are there, by name */
async function endpointsOf(
  containers: Host["containers"],
  current: ReadonlyMap<string, string>,
): Promise<readonly Endpoint[]> {
  if (containers.length === 0) return [];
  const format = '{"Id":{{json .Id}},"Networks":{{json .NetworkSettings.Networks}}}';
  const text = await docker(["container", "inspect", "--format", format, ...containers.map(({ id }) => id)]);
  const rows = text
    .split("\n")
    .filter(Boolean)
    .map((line) => containerSchema.parse(JSON.parse(line)));
  return rows.flatMap(({ Id, Networks }) => {
    const container = containers.find(({ id }) => id === Id);
    if (container === undefined) return [];
    const isRunning = ["running", "paused", "restarting"].includes(container.state);
    return Object.entries(Networks).map(([network, each]) => ({
      ...{ network, id: Id, container: container.name, instance: container.instance, isRunning, isGone: false },
      // Of a stopped container that was connected by hand Docker does not say the id.
      isStale: each.NetworkID !== "" && current.has(network) && current.get(network) !== each.NetworkID,
      address: each.IPAddress || (each.IPAMConfig?.IPv4Address ?? ""),
      names: [...new Set([container.name, ...(each.Aliases ?? []), ...(each.DNSNames ?? [])].map(lower))],
    }));
  });
}

function lower(name: string): string {
  return name.toLowerCase();
}
