import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { changed } from "../cli/changes-made.js";
import { report } from "../cli/progress.js";
import type { SynthesizedStack } from "../platform/synthesize.js";
import { readStates } from "../terraform/states.js";
import type { Terraform } from "../terraform/terraform.js";
import { ConsulApi } from "./api/consul-api.js";
import { GatewayTransport } from "./api/gateway-transport.js";
import type { KeyPool, KeyringApi } from "./api/keyring.js";
import { inState, outputIn } from "./in-state.js";

/** The gossip key that a foundation's state has; undefined where it was never applied. A secret: for memory alone. */
export function gossipKeyIn(state: string): string | undefined {
  const key = inState(state, "random_bytes").find(({ name }) => name === "gossip-key")?.attributes.base64;
  return typeof key === "string" ? key : undefined;
}

/**
 * Before anything is applied: an exchange of the gossip key that was interrupted is finished, where Consul runs. A
 * server that is recreated gets the state's key, and could not join members that know another one.
 */
export async function finishGossip(
  settings: Settings,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<void> {
  const states = await readStates(
    settings,
    terraform,
    stacks.filter(({ name }) => name === "foundation"),
  );
  const state = states.get("foundation");
  const key = state === undefined ? undefined : gossipKeyIn(state);
  const [caPem, token] = ["ca-certificate", "token-management"].map((name) => outputIn(state ?? "", name));
  if (key === undefined || caPem === undefined || token === undefined) return;
  const consul = new ConsulApi(new GatewayTransport(settings.httpsPort, caPem), { token });
  const pools = await poolsWhereItRuns(consul);
  if (pools === undefined || isSettled(pools, key)) return;
  if (pools.every(({ isWan, members }) => members >= expectedIn(isWan, settings.servers)))
    await settleKeyring(consul.keyring, key, settings.servers, report);
  else if (pools.every(({ keys }) => (keys[key] ?? 0) > 0)) {
    // A member is away, perhaps with its volume, and comes back with the state's key alone. The next run does the rest.
    await announce(consul.keyring, "install", key);
    await announce(consul.keyring, "use", key);
    report("gossip: the present members encrypt with the new key and keep the old one until all are back");
  }
}

/** Undefined if Consul does not run yet or not well: the current apply repairs it first. */
async function poolsWhereItRuns({ status, keyring }: ConsulApi): Promise<readonly KeyPool[] | undefined> {
  try {
    await status.requireLeader();
    return await keyring.pools();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function expectedIn(isWan: boolean, servers: number): number {
  return isWan ? servers : servers + 1;
}

/** Whether every member has this key alone, and encrypts with it. Pure. */
export function isSettled(pools: readonly KeyPool[], key: string): boolean {
  return pools.every(
    ({ members, keys, primary }) => Object.keys(keys).length === 1 && keys[key] === members && primary[key] === members,
  );
}

/** Whether every member has this key. Pure. */
export function allHave(pools: readonly KeyPool[], key: string): boolean {
  return pools.every(({ members, keys }) => keys[key] === members);
}

/**
 * Has every member encrypt with one key and know no other: install, use, remove, each only after all have done the one
 * before. Begins wherever an interrupted exchange stopped. A member that is down would be left with the old key alone
 * and could not come back, so all must be there.
 * @param servers how many servers there are; with the shared agent they are all members
 * @returns whether anything was to be done
 * @throws UserError where a member is away
 */
export async function settleKeyring(
  keyring: KeyringApi,
  key: string,
  servers: number,
  report: (line: string) => void,
): Promise<boolean> {
  const pools = await keyring.pools();
  if (isSettled(pools, key)) return false;
  requireMembers(pools, servers);
  await announce(keyring, "install", key);
  const installed = await keyring.pools();
  requireMembers(installed, servers);
  if (!allHave(installed, key)) throw unsettled("not every member has the new gossip key");
  report(`gossip: all ${servers + 1} members have the new key`);
  await announce(keyring, "use", key);
  const used = await keyring.pools();
  if (!used.every(({ members, primary }) => primary[key] === members))
    throw unsettled("not every member encrypts with the new gossip key");
  report(`gossip: all ${servers + 1} members encrypt with it`);
  for (const old of new Set(used.flatMap(({ keys }) => Object.keys(keys)).filter((each) => each !== key)))
    await announce(keyring, "remove", old);
  if (!isSettled(await keyring.pools(), key)) throw unsettled("some member still has an old gossip key");
  report("gossip: no member has the old key any more");
  return true;
}

const TOLD = {
  install: "a gossip key learnt",
  use: "a gossip key in use",
  remove: "a gossip key forgotten",
} as const;

async function announce(keyring: KeyringApi, what: keyof typeof TOLD, key: string): Promise<void> {
  await keyring[what](key);
  changed(TOLD[what]);
}

/** @throws UserError where a server or the shared agent is away */
export function requireMembers(pools: readonly KeyPool[], servers: number): void {
  for (const { isWan, members } of pools) {
    const wanted = expectedIn(isWan, servers);
    if (members < wanted)
      throw unsettled(`${members} of ${wanted} members ${isWan ? "of the servers' own pool " : ""}are there`);
  }
}

function unsettled(why: string): UserError {
  return new UserError(
    `The gossip key cannot be exchanged: ${why}`,
    "Bring all servers and the shared agent back (`docker ps`, `npx rollcall up`), and run it again: it continues from here.",
  );
}
