import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { stopIfInterrupted } from "../interrupt";
import type { ClusterHealth, Operator } from "./operator";
import { whileWritesAreHeld } from "./writes";

/** A transfer takes 10 ms; a server that lags behind is brought up to date first, within an election's time. */
const WITHIN_SECONDS = 15;

/** Whose leadership goes to whom. */
export interface HandOver {
  readonly settings: Settings;
  readonly operator: Operator;
  readonly health: ClusterHealth;
  /** Who leads now. */
  readonly node: string;
  /** Who may take over. */
  readonly to: readonly string[];
  readonly report: (line: string) => void;
}

/**
 * Has another server lead, so that taking this one away costs no election: 2 s without a write.
 * @throws UserError where nobody did
 */
export async function handOver({ settings, operator, health, node, to, report }: HandOver): Promise<void> {
  const heirs = health.servers.filter(({ name, isVoter, isHealthy }) => to.includes(name) && isVoter && isHealthy);
  const begun = Date.now();
  for (let turn = 0; heirs.length > 0 && Date.now() - begun < WITHIN_SECONDS * 1000; turn += 1) {
    stopIfInterrupted();
    const heir = heirs[turn % heirs.length];
    if (heir === undefined) break;
    // A transfer that was refused is told by who leads afterwards.
    await whileWritesAreHeld(settings, () => operator.transferLeadership(heir.id)).catch(ignoreRefusal);
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
