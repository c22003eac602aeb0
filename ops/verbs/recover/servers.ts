import { clusterOf } from "../../../lib/consul/cluster.js";
import { CONSUL_DATA } from "../../../lib/consul/paths.js";
import type { Settings } from "../../../lib/settings.js";
import { consulInside, leaderInside } from "../../consul/inside.js";
import { listOwned } from "../../docker/docker-host.js";
import { inConsulImage } from "../../docker/in-consul-image.js";
import { isUnknown, resultOf } from "../../platform/result.js";

/** A server that the settings ask for, as it is on the Docker host. */
export interface ServerOnHost {
  /** Name of its container. */
  readonly container: string;
  /** Name of its data volume. */
  readonly volume: string;
  /** Its fixed address in the control plane. */
  readonly address: string;
  /** "running", "exited", …; "" where there is no container. */
  readonly state: string;
  /** Raft's name of it, from its data; undefined where its data is lost. */
  readonly nodeId: string | undefined;
}

/** Every server that the settings ask for. */
export async function serversOnHost(settings: Settings): Promise<readonly ServerOnHost[]> {
  const owned = await listOwned(settings.instance);
  const { servers } = clusterOf(settings.datacenter, settings.servers, settings.controlSubnet);
  return Promise.all(
    servers.map(async ({ name, address }) => {
      const container = `${settings.prefix}${name}`;
      const volume = `${container}-data`;
      const has = owned.some((thing) => thing.kind === "volume" && thing.name === volume);
      return {
        container,
        volume,
        address,
        state: owned.find((thing) => thing.kind === "container" && thing.name === container)?.state ?? "",
        nodeId: has ? await nodeIdIn(settings, volume) : undefined,
      };
    }),
  );
}

/** A volume that was made and never written to has no node-id. */
async function nodeIdIn(settings: Settings, volume: string): Promise<string | undefined> {
  const script = "test -d /consul/data/raft && cat /consul/data/node-id 2>/dev/null || true";
  return (await inConsulImage(settings, { script, volume: { name: volume, folder: CONSUL_DATA } })).trim() || undefined;
}

/** The address of the leader that one of these servers knows; "" where none does. */
export function leaderAddress(servers: readonly ServerOnHost[]): Promise<string> {
  return leaderInside(servers.filter(({ state }) => state === "running").map(({ container }) => container));
}

/**
 * Raft's last index on a server that runs, which Consul tells to the management token alone; undefined where it does
 * not (after a restart without a leader it may not know the token yet).
 */
export async function lastIndexOf({ container, state }: ServerOnHost, token: string): Promise<number | undefined> {
  if (state !== "running") return undefined;
  const self = await resultOf(() => consulInside(container, token).agent.self());
  return isUnknown(self) ? undefined : self.lastIndex;
}
