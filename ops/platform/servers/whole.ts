import { UserError } from "../../../lib/user-error.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import type { ClusterHealth } from "../../consul/api/operator.js";
import { unhealthy } from "../../docker/docker-host.js";
import { waitUntil } from "../wait-until.js";
import type { ServerContainer } from "./server-containers.js";

/** A server that joins is a voter after autopilot's `server_stabilization_time`, 10 s; three times that and the join. */
const WHOLE_WITHIN_SECONDS = 45;

/**
 * Waits until one server may be taken away: each is healthy for Docker and for autopilot and votes, and one more than
 * needed is there (with a single server, none can be).
 * @param list gives the servers that must be so, freshly looked at
 * @throws UserError that says which is not, and why
 */
export async function waitUntilWhole(
  consul: ConsulApi,
  list: () => Promise<readonly ServerContainer[]>,
  report: (line: string) => void,
): Promise<ClusterHealth> {
  let servers: readonly ServerContainer[] = [];
  return waitUntil<ClusterHealth>({
    seconds: WHOLE_WITHIN_SECONDS,
    look: async () => {
      servers = await list();
      const health = await consul.operator.health().catch((error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      });
      const sick = await unhealthy(servers.map(({ name }) => name));
      const why = sick[0] ?? (typeof health === "string" ? health : missing(health, servers));
      return why === "" && typeof health !== "string" ? { found: health } : { missing: why };
    },
    late: (why) => {
      throw new UserError(
        `Not all servers are healthy, so none is taken away: ${why}`,
        "Mend that server and run `npx rollcall up` again: it continues from here. One that cannot be mended is rebuilt " +
          `by it after \`docker rm -f ${servers.find(({ condition }) => condition !== "healthy")?.name ?? "NAME"}\`.`,
      );
    },
    progress: (why, seconds) => (seconds > 3 ? `waiting until all servers are healthy: ${why}` : ""),
    report,
  });
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
