import { AGENT_NODE, clusterOf } from "../../../lib/consul/cluster.js";
import { PARTS } from "../../../lib/platform-names.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { unless } from "../../../lib/wait-until.js";
import { changed } from "../../cli/changes-made.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import { consulInside } from "../../consul/inside.js";
import { reloadSecrets } from "../../consul/reload-secrets.js";
import { docker, listAll, listOwned, remove } from "../../docker/docker-host.js";
import { forgetState, MOST_SERVERS, readStates } from "../../terraform/states.js";
import type { Terraform } from "../../terraform/terraform.js";
import { waitUntil } from "../wait-until.js";
import { handOver } from "./hand-over.js";
import { serverContainers } from "./server-containers.js";
import { surplusServers } from "./surplus.js";
import { waitUntilWhole } from "./whole.js";

/** Gossip takes 6 s to see that a member is gone, and a few more to tell everybody. */
const FORGOTTEN_WITHIN_SECONDS = 60;

export interface Removal {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly consul: ConsulApi;
  readonly report: (line: string) => void;
}

/**
 * Takes servers away one at a time, each only while all are healthy: leadership is handed to one that stays, the
 * server is stopped, leaves raft, gossip and the catalog, and then Docker and the state. Each step looks at what is
 * there, so that an interrupted removal is finished by the next one.
 */
export async function removeServers(removal: Removal): Promise<void> {
  for (const number of await surplusNow(removal)) {
    await stop(removal, number);
    await forgetServer(removal, number);
  }
}

/** Of the servers that go those that do not run: as peers they count against every change of the others. */
export async function removeDeadServers(removal: Removal): Promise<void> {
  const containers = await serverContainers(removal.settings);
  for (const number of await surplusNow(removal)) {
    const runs = containers.some((each) => each.number === number && each.condition !== "down");
    if (!runs) await forgetServer(removal, number);
  }
}

/** What Docker, the state or raft still has of servers that are not asked for. */
async function surplusNow({ settings, consul, terraform }: Removal): Promise<readonly number[]> {
  const stacks = [...(await readStates(settings, terraform, [])).keys()];
  const peers = (await consul.operator.peers()).flatMap(({ address }) => numberAt(settings, address) ?? []);
  return surplusServers(settings, await listOwned(settings.instance), [
    ...stacks,
    ...peers.map((each) => `server-${each}`),
  ]);
}

/** Which server an address in the control plane belongs to. */
function numberAt({ datacenter, controlSubnet }: Settings, address: string): number | undefined {
  const all = clusterOf(datacenter, MOST_SERVERS, controlSubnet).servers;
  const index = all.findIndex((server) => server.address === address);
  return index < 0 ? undefined : index + 1;
}

async function stop({ settings, consul, report }: Removal, number: number): Promise<void> {
  const node = `consul-server-${number}`;
  const container = (await serverContainers(settings)).find((each) => each.node === node);
  if (container === undefined || container.condition === "down") return;
  const standing = async () => (await serverContainers(settings)).filter(({ condition }) => condition !== "down");
  const health = await waitUntilWhole(consul, standing, report);
  const staying = health.servers.map(({ name }) => name).filter((name) => !isGoing(settings, name));
  if (health.servers.some(({ name, isLeader }) => name === node && isLeader))
    await handOver({ settings, consul, health, node, to: staying, report });
  // It was told of those that stay, and sends nobody to another one when it has read that.
  await reloadSecrets(settings, [PARTS.gateway]);
  report(`${node} is stopped`);
  await docker(["container", "stop", "--time", "10", container.name]);
}

/** What is left of a server that does not run any more, everywhere. */
async function forgetServer(removal: Removal, number: number): Promise<void> {
  const { settings, terraform, consul, report } = removal;
  const node = `consul-server-${number}`;
  const peer = (await consul.operator.peers()).find(({ address }) => numberAt(settings, address) === number);
  if (peer !== undefined) await consul.operator.removePeer(peer.id);
  await untilForgotten(removal, node);
  const things = (await listOwned(settings.instance)).filter(({ stack }) => stack === `server-${number}`);
  for (const kind of ["container", "volume"] as const)
    await remove(
      kind,
      things.filter((thing) => thing.kind === kind),
    );
  await forgetState(settings, terraform, `server-${number}`);
  changed(`${node} removed`);
  report(`${node} is gone: from raft, gossip, the catalog, Docker and the state`);
}

function untilForgotten({ settings, consul }: Removal, node: string): Promise<void> {
  return waitUntil({
    seconds: FORGOTTEN_WITHIN_SECONDS,
    look: async () => {
      const known = await whoKnows(settings, consul, node);
      // Whoever is asked may have forgotten it already, and says so.
      if (known !== "")
        await consul.agent.forget(node).catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
        });
      return unless(known);
    },
    late: (known) => {
      throw new UserError(
        `${node} is stopped and no peer of raft any more, but ${known} still knows it`,
        "Run `npx rollcall up` again: it continues from here.",
      );
    },
  });
}

/** A server that still has the node among its members or in the catalog; "" if there is none. */
async function whoKnows(settings: Settings, consul: ConsulApi, node: string): Promise<string> {
  const names = [
    ...(await serverContainers(settings)).filter(({ condition }) => condition !== "down").map(({ name }) => name),
    `${settings.prefix}${AGENT_NODE}`,
  ];
  const there = new Set(
    (await listAll("container")).filter(({ state }) => state === "running").map(({ name }) => name),
  );
  for (const name of names.filter((each) => there.has(each))) if ((await membersOf(name)).includes(node)) return name;
  return (await consul.catalog.nodes()).some(({ name }) => name === node) ? "the catalog" : "";
}

/** The members that a Consul in a container knows, by name. */
async function membersOf(container: string): Promise<readonly string[]> {
  try {
    return (await consulInside(container).agent.members()).map(({ name }) => name);
  } catch (error) {
    // A server that does not answer knows nobody; whether it is healthy is asked elsewhere.
    if (error instanceof UserError) return [];
    throw error;
  }
}

function isGoing({ servers }: Settings, node: string): boolean {
  return Number(/-(\d+)$/.exec(node)?.[1] ?? 0) > servers;
}
