import { CommandFailed } from "../../../lib/process.js";
import type { Settings } from "../../../lib/settings.js";
import { listOwned } from "../../docker/docker-host.js";
import { surplusServers } from "../../platform/servers/surplus.js";
import type { Outcome } from "./outcome.js";

/**
 * What `up` would remove of servers beyond `ROLLCALL_SERVERS`. Terraform has no plan for that: a stack that is not
 * synthesized is unknown to it.
 * @param applied names of the stacks that have a state
 */
export async function planSurplus(settings: Settings, applied: Iterable<string>): Promise<readonly Outcome[]> {
  const found = await listOwned(settings.instance).catch((error: unknown) => {
    // Without Docker each stack is unknown, which is told.
    if (error instanceof CommandFailed) return [];
    throw error;
  });
  return [...surplusServers(settings, found, applied)].reverse().map((number) => {
    const stack = `server-${number}`;
    const changes = found
      .filter((thing) => thing.stack === stack)
      .map(({ kind, name }) => ({ stack, type: `docker_${kind}`, name, action: "delete" as const }));
    const numbers = { add: 0, change: 0, replace: 0, destroy: changes.length };
    return { plan: { name: stack, state: "planned", ...numbers, note: "" }, changes, isUnchanged: false };
  });
}
