import { z } from "zod";
import { UserError } from "../../lib/user-error";
import type { ConsulAdmin } from "../consul-admin";
import { waitUntil } from "../wait-until";

/** An agent registers itself again within its retry of 15 s and a random part of it; three times that, and more. */
const BACK_WITHIN_SECONDS = 90;

const membersSchema = z.array(z.object({ Name: z.string(), Tags: z.record(z.string(), z.string()) }));
const nodesSchema = z.array(z.object({ ID: z.string(), Node: z.string() }));
const checksSchema = z.array(z.object({ Node: z.string() }));

/**
 * Removes the nodes of agents that are no more. An agent with a new data volume has a new id, and Consul lets it not
 * take the name of a node that the snapshot has as healthy: it could never register itself, nor its services. Nodes
 * without an agent, which somebody registered by hand, stay.
 */
export async function removeStaleNodes(admin: ConsulAdmin): Promise<void> {
  const members = await memberIds(admin);
  const agents = checksSchema.parse(await admin.json('/v1/health/state/any?filter=CheckID+%3D%3D+"serfHealth"'));
  const withAgent = new Set(agents.map(({ Node }) => Node));
  for (const { ID, Node } of nodesSchema.parse(await admin.json("/v1/catalog/nodes")))
    if (withAgent.has(Node) && members.get(Node) !== ID)
      await admin.call("PUT", "/v1/catalog/deregister", Buffer.from(JSON.stringify({ Node })));
}

/** Waits until every member is in the catalog under its own id. */
export async function untilNodesAreBack(admin: ConsulAdmin): Promise<void> {
  const missing = async () => {
    const members = await memberIds(admin);
    const nodes = new Set(nodesSchema.parse(await admin.json("/v1/catalog/nodes")).map(({ ID }) => ID));
    const names = [...members].filter(([, id]) => !nodes.has(id)).map(([name]) => name);
    return names.join(", ");
  };
  await waitUntil(
    BACK_WITHIN_SECONDS,
    missing,
    (names) =>
      new UserError(
        `${names} did not register again within ${BACK_WITHIN_SECONDS} s`,
        "`docker logs` of it tells why. Run the restore again when that is mended.",
      ),
  );
}

async function memberIds(admin: ConsulAdmin): Promise<ReadonlyMap<string, string>> {
  const members = membersSchema.parse(await admin.json("/v1/agent/members"));
  return new Map(members.map(({ Name, Tags }) => [Name, Tags.id ?? ""]));
}
