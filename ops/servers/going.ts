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

/**
 * Servers go with their data: only where that is said to be meant, and never so many that a quorum is no more.
 * @throws UserError before anything is changed
 */
export function refuseRemoval(
  { servers, protect }: Pick<Settings, "servers" | "protect">,
  going: readonly number[],
): void {
  const [last] = going;
  if (last === undefined) return;
  if (servers === 1)
    throw new UserError(
      `ROLLCALL_SERVERS is 1, but ${last} servers were applied: one alone bears no failure and no change unnoticed`,
      "Set it to 3. A platform with one server begins anew: `npm run down`, which loses what Consul holds, then `npm run up`.",
    );
  if (protect)
    throw new UserError(
      `ROLLCALL_SERVERS is ${servers}, but ${last} servers were applied: ${named(going)} would go, with their data volumes`,
      `Where that is what you want, run it again with ROLLCALL_PROTECT=off; else set ROLLCALL_SERVERS=${last}.`,
    );
}

function named(going: readonly number[]): string {
  return [...going]
    .reverse()
    .map((number) => `consul-server-${number}`)
    .join(" and ");
}
