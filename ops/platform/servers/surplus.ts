import { type Settings, settingName } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import type { DockerObject } from "../../docker/docker-host.js";
import { serverNumber } from "./server-containers.js";

/**
 * The servers beyond the set number that still exist, in whole or in part; the last one first.
 * @param found what is on the Docker host
 * @param applied names of the stacks that have a state
 */
export function surplusServers(
  { servers, instance }: Pick<Settings, "servers" | "instance">,
  found: readonly DockerObject[],
  applied: Iterable<string>,
): readonly number[] {
  const stacks = [...found.filter((thing) => thing.instance === instance).map(({ stack }) => stack), ...applied];
  const numbers = stacks.flatMap((stack) => serverNumber(stack) ?? []).filter((number) => number > servers);
  return [...new Set(numbers)].sort((one, other) => other - one);
}

/** Checks the servers that would be removed, the last one first, before anything is changed. @throws UserError */
export type RefuseRemoval = (settings: Pick<Settings, "servers" | "serversSet">, surplus: readonly number[]) => void;

/** For `up`: removes servers only if their number is set, and never down to one. */
export const refuseUnmeant: RefuseRemoval = (settings, surplus) => {
  const [last] = surplus;
  if (last === undefined) return;
  if (settings.servers === 1)
    throw new UserError(
      `${settingName("servers")} is 1, but ${last} servers were applied: a single server cannot survive a failure, and every change interrupts it`,
      "Set it to 3. To go back to one server, start over: `npx rollcall down`, which loses what Consul holds, then `npx rollcall up`.",
    );
  if (!settings.serversSet)
    throw new UserError(
      `${numberOf(settings)}: ${named(surplus)} would go, with their data volumes`,
      `Set it to ${keeping(last)} to keep them, or to ${settings.servers} where they are to go.`,
    );
};

/** For verbs that change every server but not their number: a surplus server would be left unchanged. */
export const refuseOtherNumber: RefuseRemoval = (settings, surplus) => {
  const [last] = surplus;
  if (last === undefined) return;
  throw new UserError(
    `${numberOf(settings)}, but ${named(surplus)} ${surplus.length === 1 ? "was" : "were"} applied too`,
    `Set it to ${keeping(last)}, or have \`npx rollcall up\` take away what is not wanted first.`,
  );
};

function numberOf({ servers, serversSet }: Pick<Settings, "servers" | "serversSet">): string {
  const name = settingName("servers");
  return serversSet ? `${name} is ${servers}` : `${name} is not set, which means ${servers}`;
}

/** The number with which this one stays: an interrupted removal leaves four. */
function keeping(last: number): number {
  return last > 3 ? 5 : 3;
}

function named(surplus: readonly number[]): string {
  return [...surplus]
    .reverse()
    .map((number) => `consul-server-${number}`)
    .join(" and ");
}
