import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import type { ClusterHealth, OperatorApi } from "../../consul/api/operator.js";
import { waitUntil } from "../wait-until.js";
import { whileWritesAreHeld } from "./writes.js";

/** A transfer takes 10 ms; a server that lags behind is brought up to date first, within an election's time. */
const WITHIN_SECONDS = 15;

/** Whose leadership goes to whom. */
export interface HandOver {
  readonly settings: Settings;
  readonly consul: ConsulApi;
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
export async function handOver({ settings, consul, health, node, to, report }: HandOver): Promise<void> {
  const heirs = health.servers.filter(({ name, isVoter, isHealthy }) => to.includes(name) && isVoter && isHealthy);
  let turn = 0;
  const leader = await waitUntil<string>({
    seconds: heirs.length > 0 ? WITHIN_SECONDS : 0,
    pauseMs: 0,
    look: async () => {
      const heir = heirs[turn % heirs.length];
      if (heir === undefined) return { missing: node };
      turn += 1;
      // A transfer that was refused is told by who leads afterwards.
      await whileWritesAreHeld(settings, () => consul.operator.transferLeadership(heir.id)).catch(ignoreRefusal);
      const found = await leaderBeside(consul.operator, node);
      return found === "" ? { missing: node } : { found };
    },
    late: () => {
      throw new UserError(
        `${node} leads and no other server took over, so it was not taken away`,
        "Look at `docker logs` of the servers, and run `npx rollcall up` again: it continues from here.",
      );
    },
  });
  report(`${leader} leads now, instead of ${node}`);
}

/** The server that leads instead of this one within 2 s; "" if there is none. */
function leaderBeside(operator: OperatorApi, node: string): Promise<string> {
  return waitUntil<string>({
    looks: 20,
    pauseMs: 100,
    look: async () => {
      const peers = await operator.peers().catch(ignoreRefusal);
      const found = peers?.find(({ isLeader }) => isLeader)?.name ?? node;
      return found === node ? { missing: node } : { found };
    },
    late: () => "",
  });
}

function ignoreRefusal(error: unknown): undefined {
  if (error instanceof UserError) return undefined;
  throw error;
}
