import { AGENT_NODE, clusterOf } from "../../lib/consul/cluster";
import { CONSUL_BINARY } from "../../lib/consul/paths";
import { PARTS } from "../../lib/platform-names";
import { CommandFailed } from "../../lib/process";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { changed } from "../changes-made";
import { docker, listAll, listOwned, remove } from "../docker-host";
import { forgetState, MOST_SERVERS, readStates } from "../states";
import { takeAnew } from "../take-anew";
import type { Terraform } from "../terraform";
import { waitUntil } from "../wait-until";
import { goingServers } from "./going";
import { handOver } from "./hand-over";
import type { Operator } from "./operator";
import { serverContainers } from "./server-containers";
import { waitUntilWhole } from "./whole";

/** Gossip takes 6 s to see that a member is gone, and a few more to tell everybody. */
const FORGOTTEN_WITHIN_SECONDS = 60;

export interface Removal {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly operator: Operator;
  readonly report: (line: string) => void;
}

/**
 * Takes servers away one at a time, each only while all are healthy: leadership is handed to one that stays, the
 * server is stopped, leaves raft, gossip and the catalog, and then Docker and the state. Each step looks at what is
 * there, so that an interrupted removal is finished by the next one.
 */
export async function removeServers(removal: Removal): Promise<void> {
  for (const number of await goingNow(removal)) {
    await stop(removal, number);
    await forgetServer(removal, number);
  }
}

/** Of the servers that go those that do not run: as peers they count against every change of the others. */
export async function removeDeadServers(removal: Removal): Promise<void> {
  const containers = await serverContainers(removal.settings);
  for (const number of await goingNow(removal)) {
    const runs = containers.some((each) => each.number === number && each.condition !== "down");
    if (!runs) await forgetServer(removal, number);
  }
}

/** What Docker, the state or raft still has of servers that are not asked for. */
async function goingNow({ settings, operator, terraform }: Removal): Promise<readonly number[]> {
  const stacks = [...(await readStates(settings, terraform, [])).keys()];
  const peers = (await operator.peers()).flatMap(({ address }) => numberAt(settings, address) ?? []);
  return goingServers(settings, await listOwned(settings.instance), [
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

async function stop({ settings, operator, report }: Removal, number: number): Promise<void> {
  const node = `consul-server-${number}`;
  const container = (await serverContainers(settings)).find((each) => each.node === node);
  if (container === undefined || container.condition === "down") return;
  const standing = async () => (await serverContainers(settings)).filter(({ condition }) => condition !== "down");
  const health = await waitUntilWhole(operator, standing, report);
  const staying = health.servers.map(({ name }) => name).filter((name) => !isGoing(settings, name));
  if (health.servers.some(({ name, isLeader }) => name === node && isLeader))
    await handOver({ settings, operator, health, node, to: staying, report });
  // It was told of those that stay, and sends nobody to another one when it has read that.
  await takeAnew(settings, [PARTS.gateway]);
  report(`${node} is stopped`);
  await docker(["container", "stop", "--time", "10", container.name]);
}

/** What is left of a server that does not run any more, everywhere. */
async function forgetServer(removal: Removal, number: number): Promise<void> {
  const { settings, terraform, operator, report } = removal;
  const node = `consul-server-${number}`;
  const peer = (await operator.peers()).find(({ address }) => numberAt(settings, address) === number);
  if (peer !== undefined) await operator.removePeer(peer.id);
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

function untilForgotten({ settings, operator }: Removal, node: string): Promise<void> {
  const missing = async () => {
    const known = await whoKnows(settings, operator, node);
    // Whoever is asked may have forgotten it already, and says so.
    if (known !== "")
      await operator.forget(node).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
      });
    return known;
  };
  return waitUntil(
    FORGOTTEN_WITHIN_SECONDS,
    missing,
    (known) =>
      new UserError(
        `${node} is stopped and no peer of raft any more, but ${known} still knows it`,
        "Run `npm run up` again: it continues from here.",
      ),
  );
}

/** Somebody who still has the node among the members or in the catalog; "" where nobody has. */
async function whoKnows(settings: Settings, operator: Operator, node: string): Promise<string> {
  const names = [
    ...(await serverContainers(settings)).filter(({ condition }) => condition !== "down").map(({ name }) => name),
    `${settings.prefix}${AGENT_NODE}`,
  ];
  const there = new Set(
    (await listAll("container")).filter(({ state }) => state === "running").map(({ name }) => name),
  );
  for (const name of names.filter((each) => there.has(each))) if ((await membersOf(name)).includes(node)) return name;
  return (await operator.nodes()).includes(node) ? "the catalog" : "";
}

/** The members that a Consul in a container knows, by name. */
async function membersOf(container: string): Promise<readonly string[]> {
  try {
    const text = await docker(["exec", container, CONSUL_BINARY, "members"]);
    return text.split("\n").map((line) => line.split(/\s+/)[0] ?? "");
  } catch (error) {
    // A server that does not answer knows nobody; whether it is healthy is asked elsewhere.
    if (error instanceof CommandFailed) return [];
    throw error;
  }
}

function isGoing({ servers }: Settings, node: string): boolean {
  return Number(/-(\d+)$/.exec(node)?.[1] ?? 0) > servers;
}
