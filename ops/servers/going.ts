import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import type { Found } from "../docker-host";
import { serverNumber } from "./server-containers";

/**
 * The servers that stand there, whole or in part, and are not asked for any more; the last one first.
 * @param found what is on the Docker host
 * @param applied names of the stacks that have a state
 */
export function goingServers(
  { servers, instance }: Pick<Settings, "servers" | "instance">,
  found: readonly Found[],
  applied: Iterable<string>,
): readonly number[] {
  const stacks = [...found.filter((thing) => thing.instance === instance).map(({ stack }) => stack), ...applied];
  const numbers = stacks.flatMap((stack) => serverNumber(stack) ?? []).filter((number) => number > servers);
  return [...new Set(numbers)].sort((one, other) => other - one);
}

/** Looks at the servers that would go, the last one first, before anything is changed. @throws UserError */
export type RefuseRemoval = (settings: Pick<Settings, "servers" | "serversSet">, going: readonly number[]) => void;

/** For `up`: servers go where their number says so, not where it was forgotten, and never so many that one is left. */
export const refuseUnmeant: RefuseRemoval = (settings, going) => {
  const [last] = going;
  if (last === undefined) return;
  if (settings.servers === 1)
    throw new UserError(
      `ROLLCALL_SERVERS is 1, but ${last} servers were applied: one alone bears no failure and no change unnoticed`,
      "Set it to 3. A platform with one server begins anew: `npm run down`, which loses what Consul holds, then `npm run up`.",
    );
  if (!settings.serversSet)
    throw new UserError(
      `${numberOf(settings)}: ${named(going)} would go, with their data volumes`,
      `Set it to ${keeping(last)} to keep them, or to ${settings.servers} where they are to go.`,
    );
};

/** For what changes each server and not their number: one that goes would be left as it was. */
export const refuseOtherNumber: RefuseRemoval = (settings, going) => {
  const [last] = going;
  if (last === undefined) return;
  throw new UserError(
    `${numberOf(settings)}, but ${named(going)} ${going.length === 1 ? "was" : "were"} applied too`,
    `Set it to ${keeping(last)}, or have \`npm run up\` take away what is not wanted first.`,
  );
};

function numberOf({ servers, serversSet }: Pick<Settings, "servers" | "serversSet">): string {
  return serversSet ? `ROLLCALL_SERVERS is ${servers}` : `ROLLCALL_SERVERS is not set, which means ${servers}`;
}

/** The number with which this one stays: an interrupted removal leaves four. */
function keeping(last: number): number {
  return last > 3 ? 5 : 3;
}

function named(going: readonly number[]): string {
  return [...going]
    .reverse()
    .map((number) => `consul-server-${number}`)
    .join(" and ");
}
