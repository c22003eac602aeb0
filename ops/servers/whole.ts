import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/user-error";
import { unhealthy } from "../docker-host";
import { stopIfInterrupted } from "../interrupt";
import type { ClusterHealth, Operator } from "./operator";
import type { ServerContainer } from "./server-containers";

/** A server that joins is a voter after autopilot's `server_stabilization_time`, 10 s; three times that and the join. */
const WHOLE_WITHIN_SECONDS = 45;

/**
 * Waits until one server may be taken away: each is healthy for Docker and for autopilot and votes, and one more than
 * needed is there (with a single server, none can be).
 * @param list gives the servers that must be so, freshly looked at
 * @throws UserError that says which is not, and why
 */
export async function waitUntilWhole(
  operator: Operator,
  list: () => Promise<readonly ServerContainer[]>,
  report: (line: string) => void,
): Promise<ClusterHealth> {
  const begun = Date.now();
  let told = "";
  for (;;) {
    stopIfInterrupted();
    const servers = await list();
    const health = await operator.health().catch((error: unknown) => {
      if (error instanceof UserError) return error.message;
      throw error;
    });
    const sick = await unhealthy(servers.map(({ name }) => name));
    const why = sick[0] ?? (typeof health === "string" ? health : missing(health, servers));
    if (why === "" && typeof health !== "string") return health;
    if (Date.now() - begun > WHOLE_WITHIN_SECONDS * 1000)
      throw new UserError(
        `Not all servers are healthy, so none is taken away: ${why}`,
        "Mend that server and run `npm run up` again: it continues from here. One that cannot be mended is rebuilt " +
          `by it after \`docker rm -f ${servers.find(({ condition }) => condition !== "healthy")?.name ?? "NAME"}\`.`,
      );
    if (why !== told && Date.now() - begun > 3000) {
      report(`waiting until all servers are healthy: ${why}`);
      told = why;
    }
    await sleep(500);
  }
}

/** What autopilot lacks to let one of these servers go; "" where it lacks nothing. */
export function missing(health: ClusterHealth, servers: readonly Pick<ServerContainer, "node">[]): string {
  for (const { node } of servers) {
    const seen = health.servers.find(({ name }) => name === node);
    if (seen === undefined) return `autopilot does not know ${node}`;
    if (!seen.isHealthy) return `autopilot finds ${node} unhealthy`;
    if (!seen.isVoter) return `${node} does not vote yet`;
  }
  const spare = Math.floor((servers.length - 1) / 2);
  if (health.failureTolerance >= spare) return "";
  return `${health.failureTolerance} servers may fail, not ${spare}`;
}
