import { UserError } from "../../../lib/user-error.js";
import { unless } from "../../../lib/wait-until.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import { waitUntil } from "../../platform/wait-until.js";

/** An agent registers itself again within its retry of 15 s and a random part of it; three times that, and more. */
const BACK_WITHIN_SECONDS = 90;

/**
 * Removes the nodes of agents that are no more. An agent with a new data volume has a new id, and Consul lets it not
 * take the name of a node that the snapshot has as healthy: it could never register itself, nor its services. Nodes
 * without an agent, which somebody registered by hand, stay.
 */
export async function removeStaleNodes({ agent, catalog, health }: ConsulApi): Promise<void> {
  const ids = new Map((await agent.members()).map(({ name, id }) => [name, id]));
  const withAgent = await health.nodesWithAgent();
  for (const { id, name } of await catalog.nodes())
    if (withAgent.has(name) && ids.get(name) !== id) await catalog.deregisterNode(name);
}

/** Waits until every member is in the catalog under its own id. */
export async function untilNodesAreBack({ agent, catalog }: ConsulApi): Promise<void> {
  await waitUntil({
    seconds: BACK_WITHIN_SECONDS,
    look: async () => {
      const members = await agent.members();
      const there = new Set((await catalog.nodes()).map(({ id }) => id));
      const away = members.filter(({ id }) => !there.has(id));
      return unless(away.map(({ name }) => name).join(", "));
    },
    late: (names) => {
      throw new UserError(
        `${names} did not register again within ${BACK_WITHIN_SECONDS} s`,
        "`docker logs` of it shows why. Run the restore again when that is fixed.",
      );
    },
  });
}
