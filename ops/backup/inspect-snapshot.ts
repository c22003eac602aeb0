import { z } from "zod";
import { CONSUL_BINARY, CONSUL_USER } from "../../lib/consul/paths";
import { imageRef } from "../../lib/docker/images";
import { INSTANCE_LABEL } from "../../lib/docker/owner";
import { CommandFailed } from "../../lib/process";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { docker } from "../docker-host";

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
  const args = [
    ...["run", "--rm", "--interactive", "--network", "none", "--read-only", "--user", CONSUL_USER],
    ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "2g", "--tmpfs", "/tmp:mode=1777"],
    ...["--label", `${INSTANCE_LABEL}=${settings.instance}`, "--entrypoint", "/bin/sh"],
    ...[await consulImage(settings), "-c"],
    `cat >/tmp/consul.snap && exec ${CONSUL_BINARY} snapshot inspect -format=json /tmp/consul.snap`,
  ];
  try {
    const { Meta, Stats } = inspectSchema.parse(JSON.parse(await docker(args, { input: snapshot })));
    return { index: Meta.Index, counts: new Map(Stats.map(({ Name, Count }) => [Name, Count])) };
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    throw new UserError(`Consul cannot read the snapshot: ${error.lines.at(-1) ?? ""}`, "Take another one.");
  }
}

/** The image that the platform's servers run; where there is none yet, the one that they would. */
async function consulImage(settings: Settings): Promise<string> {
  const server = `${settings.prefix}consul-server-1`;
  try {
    return (await docker(["container", "inspect", "--format", "{{.Image}}", server])).trim();
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    return imageRef("consul", settings.images ?? "official");
  }
}
