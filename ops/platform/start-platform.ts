import { CommandFailed } from "../../lib/process.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { unless } from "../../lib/wait-until.js";
import { changed } from "../cli/changes-made.js";
import { counted } from "../cli/counted.js";
import { stopIfInterrupted } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";
import { leaderInside } from "../consul/inside.js";
import { type DockerObject, docker, isUp, listOwned } from "../docker/docker-host.js";
import { LEADER_WITHIN_SECONDS } from "./live.js";
import { isStopped, startOrder } from "./running-order.js";
import { serverNumber } from "./servers/server-containers.js";
import { waitUntil } from "./wait-until.js";

/**
 * Starts what is stopped of the platform, the servers first; goes on when Consul has a leader.
 * @returns how many containers were started
 * @throws UserError where there is no container, where one was never started, where Docker refuses, and where nobody leads
 */
export async function startPlatform(settings: Settings): Promise<number> {
  const owned = await listOwned(settings.instance);
  const steps = startOrder(owned);
  const containers = steps.flatMap((step) => step.containers);
  if (containers.length === 0)
    throw new UserError("There is no platform here that could be started", "Run `npx rollcall up`.");
  const unfinished = containers.find(({ state }) => state === "created");
  if (unfinished !== undefined)
    throw new UserError(
      `${unfinished.name} was made and never started: an \`up\` was interrupted`,
      "Run `npx rollcall up`, which finishes it.",
    );
  let count = 0;
  for (const step of steps) {
    const stopped = step.containers.filter((container) => container.state === "paused" || !isUp(container));
    if (stopped.length > 0)
      report(`starting ${step.what}${stopped.length > 1 ? ` (${stopped.length} containers)` : ""}`);
    for (const container of [...stopped].reverse()) {
      stopIfInterrupted();
      await startOne(container);
      count += 1;
    }
    if (stopped.some(({ stack }) => serverNumber(stack) !== undefined)) await untilLed(step.containers);
  }
  if (count > 0) changed(`${counted(count, "container")} started`);
  return count;
}

/**
 * For `up`: starts a platform that is stopped as a whole, so that nothing is replaced that only has to be started. What
 * cannot be started is left to Terraform.
 * @returns what was done, a line; [] where nothing was
 */
export async function startIfStopped(settings: Settings): Promise<readonly string[]> {
  if (!isStopped(await listOwned(settings.instance))) return [];
  try {
    return [`${counted(await startPlatform(settings), "container")}: stopped`];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(`${error.message}; Terraform recreates the rest`);
    return [];
  }
}

async function startOne({ name, state }: DockerObject): Promise<void> {
  try {
    await docker([state === "paused" ? "unpause" : "start", name]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason === "aborted") throw error;
    throw new UserError(
      `Docker cannot start ${name}: ${error.lines.at(-1) ?? "it does not say why"}`,
      "Run `npx rollcall up`: it repairs what belongs to the platform, and names what is in its way.",
    );
  }
}

/** Asked in the containers: the gateway is started later. */
async function untilLed(servers: readonly DockerObject[]): Promise<void> {
  report("waiting for a leader");
  await waitUntil({
    seconds: LEADER_WITHIN_SECONDS,
    look: async () => unless((await leaderInside(servers.map(({ name }) => name))) === "" ? "a leader" : ""),
    late: () => {
      throw new UserError(
        `The servers run, but Consul has no leader after ${LEADER_WITHIN_SECONDS} s`,
        "`npx rollcall status` and `npx rollcall logs server-1` show more. Run `npx rollcall start` again; where two servers are lost for good, `npx rollcall recover`.",
      );
    },
  });
}
