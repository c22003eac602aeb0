import { readSettings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { counted } from "../cli/counted.js";
import { elapsed } from "../cli/progress.js";
import { requireDocker } from "../docker/require-docker.js";
import { auditVerb } from "../platform/audit-verb.js";
import { withPlatformLock } from "../platform/lock.js";
import { stopPlatform, stopping } from "../platform/stop-platform.js";

/**
 * `npx rollcall stop`: stops every container of the platform, in an order in which nothing that Consul holds is lost.
 * Containers, networks, volumes and the state stay. They stay stopped when Docker restarts; `npx rollcall start` starts them.
 * @throws UserError where there is no platform
 */
export async function stop(): Promise<number> {
  const settings = readSettings();
  return withPlatformLock(settings.stateFolder, "stop", async () => {
    await requireDocker("nothing was stopped");
    const stopped = await stopPlatform(settings, (count) => auditVerb("stop", [stopping(count)], 0));
    if (stopped === undefined)
      throw new UserError("There is no platform here that could be stopped", "`npx rollcall up` makes one.");
    console.log(
      stopped === 0
        ? "Nothing to do: every container is stopped already. `npx rollcall start` starts them."
        : `${counted(stopped, "container")} stopped, in ${elapsed()} s. \`npx rollcall start\` starts them.`,
    );
    return 0;
  });
}
