import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/user-error";
import { stopIfInterrupted } from "../interrupt";
import type { ClusterHealth, Operator } from "./operator";

/** A transfer takes 10 ms; a server that lags behind is brought up to date first, within an election's time. */
const WITHIN_SECONDS = 15;

/**
 * Has another server lead, so that taking this one away costs no election: 2 s without a write.
 * @param node who leads now
 * @param to who may take over
 * @throws UserError where nobody did
 */
export async function handOver(
  operator: Operator,
  health: ClusterHealth,
  node: string,
  to: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  const heirs = health.servers.filter(({ name, isVoter, isHealthy }) => to.includes(name) && isVoter && isHealthy);
  const begun = Date.now();
  for (let turn = 0; heirs.length > 0 && Date.now() - begun < WITHIN_SECONDS * 1000; turn += 1) {
    stopIfInterrupted();
    const heir = heirs[turn % heirs.length];
    if (heir === undefined) break;
    // A transfer that was refused is told by who leads afterwards.
    await operator.transferLeadership(heir.id).catch(ignoreRefusal);
    for (let looks = 0; looks < 20; looks += 1) {
      const leader = await leading(operator);
      if (leader !== "" && leader !== node) {
        report(`${leader} leads now, instead of ${node}`);
        return;
      }
      await sleep(100);
    }
  }
  throw new UserError(
    `${node} leads and no other server took over, so it was not taken away`,
    "Look at `docker logs` of the servers, and run `npm run up` again: it continues from here.",
  );
}

async function leading(operator: Operator): Promise<string> {
  const peers = await operator.peers().catch(ignoreRefusal);
  return peers?.find(({ isLeader }) => isLeader)?.name ?? "";
}

function ignoreRefusal(error: unknown): undefined {
  if (error instanceof UserError) return undefined;
  throw error;
}
