import { z } from "zod";
import { CONSUL_BINARY } from "../../../lib/consul/paths.js";
import { CommandFailed } from "../../../lib/process.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { inConsulImage } from "../../docker/in-consul-image.js";

/** What `consul snapshot inspect` says of a snapshot. */
export interface Inspected {
  readonly index: number;
  /** How many entries of each kind it has, such as `KVS` or `ACLToken`. */
  readonly counts: ReadonlyMap<string, number>;
}

const inspectSchema = z.object({
  Meta: z.object({ Index: z.number() }),
  Stats: z.array(z.object({ Name: z.string(), Count: z.number() })),
});

/**
 * Has Consul itself read a snapshot through to its end, in a container without a network that is gone afterwards. The
 * snapshot stands there in memory alone.
 * @throws UserError where it is not whole
 */
export async function inspectSnapshot(settings: Settings, snapshot: Uint8Array): Promise<Inspected> {
  const script = `cat >/tmp/consul.snap && exec ${CONSUL_BINARY} snapshot inspect -format=json /tmp/consul.snap`;
  try {
    const { Meta, Stats } = inspectSchema.parse(JSON.parse(await inConsulImage(settings, { script, input: snapshot })));
    return { index: Meta.Index, counts: new Map(Stats.map(({ Name, Count }) => [Name, Count])) };
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    throw new UserError(`Consul cannot read the snapshot: ${error.lines.at(-1) ?? ""}`, "Take another one.");
  }
}
