import { z } from "zod";
import { settingName } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import type { SynthesizedStack } from "../../platform/synthesize.js";
import type { Terraform } from "../../terraform/terraform.js";

/** What holds nothing but objects in Consul, which come back with the snapshot under the ids that these states know. */
const CONSUL_ALONE: readonly string[] = ["access", "queries"];

const stateSchema = z.looseObject({ resources: z.array(z.looseObject({ type: z.string() })) });

/**
 * Where there is no platform: puts back what the backup knows of each stack, the secrets and Consul's objects, and
 * none of the containers, volumes and networks, which are lost and are recreated.
 */
export async function installAllStates(
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  states: ReadonlyMap<string, string>,
): Promise<void> {
  refuseOtherServers(stacks, states);
  await push(terraform, stacks, new Map([...states].map(([stack, state]) => [stack, withoutDocker(state)])));
}

/**
 * Where a platform runs: it keeps its keys and containers, and takes the ids of policies, tokens and prepared queries
 * from the backup, because Consul has these now. The tokens of that time then go on to be Terraform's.
 */
export async function installConsulStates(
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  states: ReadonlyMap<string, string>,
): Promise<void> {
  await push(terraform, stacks, new Map([...states].filter(([stack]) => CONSUL_ALONE.includes(stack))));
}

async function push(
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  states: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { name, folder } of stacks) {
    const state = states.get(name);
    // Of another lineage than the one that is there, and older.
    if (state !== undefined) await terraform.pushState(folder, state, { force: true });
  }
}

/** @returns the state without what lives on a Docker host */
export function withoutDocker(state: string): string {
  const held = stateSchema.parse(JSON.parse(state));
  return JSON.stringify({ ...held, resources: held.resources.filter(({ type }) => !type.startsWith("docker_")) });
}

function refuseOtherServers(stacks: readonly SynthesizedStack[], states: ReadonlyMap<string, string>): void {
  const count = (names: Iterable<string>) => [...names].filter((name) => /^server-\d+$/.test(name)).length;
  const then = count(states.keys());
  const now = count(stacks.map(({ name }) => name));
  if (then > now)
    throw new UserError(
      `The backup is of a platform with ${then} servers, and ${settingName("servers")} is ${now}`,
      `Set it to ${then}.`,
    );
}
