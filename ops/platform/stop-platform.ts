import { clusterOf } from "../../lib/consul/cluster.js";
import { PARTS } from "../../lib/platform-names.js";
import type { Settings } from "../../lib/settings.js";
import { counted } from "../cli/counted.js";
import { stopIfInterrupted } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";
import { leaderInside } from "../consul/inside.js";
import { type DockerObject, docker, isUp, listOwned } from "../docker/docker-host.js";
import { stopOrder } from "./running-order.js";
import { serverNumber } from "./servers/server-containers.js";

/**
 * Stops what runs of the platform, in the order of `stopOrder`, one after the other: of several that leave a network at
 * once, Docker before 28.2 miscounts (moby/moby#42119), and never removes that network.
 * @param tellAudit writes to the audit log, which nobody can once the gateway is stopped; is given how many will be stopped
 * @returns how many were stopped; undefined where there is no container at all
 * @throws CommandFailed where Docker refuses
 */
export async function stopPlatform(
  settings: Settings,
  tellAudit: (count: number) => Promise<void>,
): Promise<number | undefined> {
  const owned = await listOwned(settings.instance);
  if (!owned.some(({ kind }) => kind === "container")) return undefined;
  const running = owned.filter(isUp);
  if (running.length === 0) return 0;
  if (running.some(({ name, state }) => name === `${settings.prefix}${PARTS.gateway}` && state === "running"))
    await tellAudit(running.length);
  for (const { what, graceSeconds, containers } of stopOrder(running, await leaderOf(settings, running))) {
    report(`stopping ${what}${containers.length > 1 ? ` (${containers.length} containers)` : ""}`);
    for (const { name, state } of containers) {
      stopIfInterrupted();
      // Docker kills a paused container: it cannot be told to end.
      if (state === "paused") await docker(["unpause", name]);
      await docker(["stop", "--time", String(graceSeconds), name]);
    }
  }
  return running.length;
}

/** What the audit log says of it. */
export function stopping(count: number): string {
  return `${counted(count, "container")} to be stopped`;
}

/** The container name of the leader; undefined if no server answers or there is no leader. */
async function leaderOf(
  { datacenter, servers, controlSubnet }: Settings,
  running: readonly DockerObject[],
): Promise<string | undefined> {
  const members = clusterOf(datacenter, servers, controlSubnet).servers;
  const containers = running.filter(({ stack }) => serverNumber(stack) !== undefined);
  const address = await leaderInside(containers.map(({ name }) => name));
  const leader = members.find((each) => address.startsWith(`${each.address}:`));
  return leader && containers.find((each) => each.name.endsWith(leader.name))?.name;
}
