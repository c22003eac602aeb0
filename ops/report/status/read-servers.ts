import { clusterOf } from "../../../lib/consul/cluster.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { type AgentSelf, withoutPort } from "../../consul/api/agent.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import { consulInside } from "../../consul/inside.js";
import { isUnknown, resultOf, type Unknown } from "../../platform/result.js";
import type { Autopilot, PartStatus, ServerStatus } from "./status.js";

/** What a server says of itself. */
type ServerInfo = Omit<AgentSelf, "meta">;

/** What the servers say of themselves and each other. */
export interface ServersStatus {
  readonly servers: readonly ServerStatus[];
  readonly leader: string | Unknown;
  readonly autopilot: Autopilot | Unknown;
}

/**
 * Asks each server in its container, not through the gateway: it may be the gateway that is dead, and only the server
 * itself knows its own log.
 * @param token one that may read agents and the operator API, or why there is none
 */
export async function readServers(
  settings: Settings,
  parts: readonly PartStatus[],
  token: string | Unknown,
): Promise<ServersStatus> {
  const servers = parts.filter(({ isServer }) => isServer);
  const running = servers.filter(({ state }) => state.state === "running");
  const answers = await Promise.all(
    running.map(async (part) => [part.container, await resultOf(() => infoOf(part, token))] as const),
  );
  const infos = new Map(answers.flatMap(([name, info]) => (isUnknown(info) ? [] : [[name, info] as const])));
  const members = await firstOf(running, ({ state }) => consulInside(state.name).agent.members());
  const states = new Map(isUnknown(members) ? [] : members.map(({ name, state }) => [name, state] as const));
  const leader = leaderAmong(settings, infos);
  return {
    servers: servers.map((part) => serverStatus(settings, part, infos, states)),
    leader: leader ?? { unknown: infos.size === 0 ? "no server answers" : "Consul has no leader" },
    autopilot:
      leader === undefined
        ? { unknown: "it judges where there is a leader" }
        : await firstOf(running, ({ state }) => autopilotOf(state.name, token)),
  };
}

async function infoOf({ state }: PartStatus, token: string | Unknown): Promise<ServerInfo> {
  const own = await resultOf(async () => withToken(state.name, token).agent.self());
  return isUnknown(own) ? infoForAnybody(state.name) : own;
}

/** What a server tells whoever asks: where the token is not to be had, or a restored Consul does not know it. */
async function infoForAnybody(container: string): Promise<ServerInfo> {
  const { status } = consulInside(container);
  const [leader, peers] = [await status.leader(), await status.peers()];
  return {
    ...{ version: "", state: "", term: 0, lastIndex: undefined },
    leader: withoutPort(leader),
    voters: peers.map(withoutPort),
  };
}

async function autopilotOf(container: string, token: string | Unknown): Promise<Autopilot> {
  const { isHealthy, failureTolerance } = await withToken(container, token).operator.health();
  return { healthy: isHealthy, failureTolerance };
}

/** @throws UserError where the token is not to be had */
function withToken(container: string, token: string | Unknown): ConsulApi {
  if (isUnknown(token)) throw new UserError(`the token operator cannot be read: ${token.unknown}`, "");
  return consulInside(container, token);
}

/** What the first server that can be asked says. */
async function firstOf<T>(
  servers: readonly PartStatus[],
  ask: (server: PartStatus) => Promise<T>,
): Promise<T | Unknown> {
  let last: T | Unknown = { unknown: "no server runs" };
  for (const server of servers) {
    last = await resultOf(() => ask(server));
    if (!isUnknown(last)) return last;
  }
  return last;
}

/** The container's name of the leader: who says so of itself in the newest term, or whom another one names. */
function leaderAmong(settings: Settings, infos: ReadonlyMap<string, ServerInfo>): string | undefined {
  const byTerm = [...infos].sort(([, a], [, b]) => b.term - a.term);
  const own = byTerm.find(([, { state }]) => state === "Leader")?.[0];
  const address = byTerm.find(([, { leader }]) => leader !== "")?.[1].leader;
  return own ?? (address === undefined ? undefined : nameAt(settings, address));
}

function nameAt({ datacenter, servers, controlSubnet }: Settings, address: string): string {
  return (
    clusterOf(datacenter, servers, controlSubnet).servers.find((each) => each.address === address)?.name ?? address
  );
}

function serverStatus(
  settings: Settings,
  { name, container }: PartStatus,
  infos: ReadonlyMap<string, ServerInfo>,
  members: ReadonlyMap<string, string>,
): ServerStatus {
  const info = infos.get(container);
  const newest = [...infos.values()].sort((a, b) => b.term - a.term)[0];
  const isVoter = newest?.voters.some((address) => nameAt(settings, address) === container);
  const isLeader = leaderAmong(settings, infos) === container;
  return {
    name,
    member: members.get(container) ?? "unknown",
    role: isVoter === undefined ? "unknown" : isLeader ? "leader" : isVoter ? "voter" : "non-voter",
    ...(info?.lastIndex === undefined ? {} : { lastIndex: info.lastIndex }),
    ...(info === undefined || info.version === "" ? {} : { version: info.version }),
  };
}
