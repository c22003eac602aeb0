import { CommandFailed } from "../../lib/process";
import type { Settings } from "../../lib/settings";
import { listOwned } from "../docker-host";
import { goingServers } from "../servers/going";
import type { Outcome } from "./plan-platform";

/**
 * What `up` would take away of servers that `ROLLCALL_SERVERS` no longer asks for. Terraform has no plan for it: what
 * is not synthesized any more is unknown to it.
 * @param applied names of the stacks that have a state
 */
export async function planGoing(settings: Settings, applied: Iterable<string>): Promise<readonly Outcome[]> {
  const found = await listOwned(settings.instance).catch((error: unknown) => {
    // Without Docker each stack is unknown, which is told.
    if (error instanceof CommandFailed) return [];
    throw error;
  });
  return [...goingServers(settings, found, applied)].reverse().map((number) => {
    const stack = `server-${number}`;
    const changes = found
      .filter((thing) => thing.stack === stack)
      .map(({ kind, name }) => ({ stack, type: `docker_${kind}`, name, action: "delete" as const }));
    const numbers = { add: 0, change: 0, replace: 0, destroy: changes.length };
    return { plan: { name: stack, state: "planned", ...numbers, note: "" }, changes, isStill: false };
  });
}
