import { clusterOf } from "../../lib/consul/cluster";
import { CommandFailed } from "../../lib/process";
import type { Settings } from "../../lib/settings";
import { docker, listOwned } from "../docker-host";
import { inConsulImage } from "../in-consul-image";

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
  return (await inConsulImage(settings, { script, data: volume })).trim() || undefined;
}

/** The address of the leader that one of these servers knows; "" where none does. */
export async function leaderOf(servers: readonly ServerOnHost[]): Promise<string> {
  for (const { container, state } of servers) {
    if (state !== "running") continue;
    const ask = ["busybox", "timeout", "5", "busybox", "wget", "-q", "-O", "-"];
    try {
      const answer = await docker(["exec", container, ...ask, "http://127.0.0.1:8500/v1/status/leader"]);
      if (answer.trim() !== '""') return answer.trim().replaceAll('"', "");
    } catch (error) {
      if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    }
  }
  return "";
}

/**
 * Raft's last index on a server that runs, which Consul tells to the management token alone; undefined where it does
 * not (after a restart without a leader it may not know the token yet).
 */
export async function lastIndexOf({ container, state }: ServerOnHost, token: string): Promise<number | undefined> {
  if (state !== "running") return undefined;
  try {
    const script = "read -r CONSUL_HTTP_TOKEN && export CONSUL_HTTP_TOKEN && exec consul info";
    const args = ["exec", "--interactive", container, "/bin/sh", "-c", script];
    const index = /last_log_index = (\d+)/.exec(await docker(args, { input: `${token}\n` }))?.[1];
    return index === undefined ? undefined : Number(index);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    return undefined;
  }
}
