import { UserError } from "../../../lib/user-error.js";
import type { ServerOnHost } from "./servers.js";

/** Which servers go on and which are lost. */
export interface Recovery {
  readonly kept: readonly ServerOnHost[];
  readonly lost: readonly ServerOnHost[];
}

/**
 * Whether the servers can only be recovered by force.
 * @param leader its address; "" where there is none
 * @throws UserError where a quorum lives or can be had without force, and where no data is left
 */
export function planRecovery(servers: readonly ServerOnHost[], leader: string): Recovery {
  if (leader !== "")
    throw new UserError(
      `Nothing is to be recovered by force: the servers have a leader (${leader})`,
      "Run `npx rollcall up`, which rebuilds a server that is missing.",
    );
  const kept = servers.filter(({ nodeId }) => nodeId !== undefined);
  const lost = servers.filter(({ nodeId }) => nodeId === undefined);
  if (kept.length === 0)
    throw new UserError(
      "No server has its data any more, so there is nothing to recover",
      "Run `npx rollcall restore FILE` with a backup.",
    );
  if (kept.length > servers.length / 2) {
    const [first] = kept;
    throw new UserError(
      `${kept.length} of ${servers.length} servers have their data, which is a quorum as soon as they run`,
      "Run `npx rollcall up`, which starts them. Where the data of one is damaged, take it away and run this again: " +
        `docker rm -f ${first?.container} && docker volume rm ${first?.volume}`,
    );
  }
  return { kept, lost };
}

/** Consul's `raft/peers.json` (Raft protocol 3): the servers that from now on are all there are. */
export function renderPeers(servers: readonly Pick<ServerOnHost, "nodeId" | "address">[]): string {
  const peers = servers.map(({ nodeId, address }) => ({ id: nodeId, address: `${address}:8300`, non_voter: false }));
  return `${JSON.stringify(peers, null, 2)}\n`;
}
