import { stopIfInterrupted } from "../../cli/interrupt.js";
import { report } from "../../cli/progress.js";
import { promoted } from "../../consul/in-state.js";
import { allHave, gossipKeyIn, isSettled, requireMembers, settleKeyring } from "../../consul/keyring.js";
import type { Rotation } from "./rotation.js";

/**
 * Exchanges the gossip key in place: the next one becomes the current one in the state, every member learns it, uses
 * it and forgets the old one; then the configuration files say it too, for members that have no keyring yet. Nothing
 * is restarted.
 */
export async function rotateGossip(rotation: Rotation): Promise<string> {
  // A platform of an older Rollcall has no next one yet.
  await rotation.applyFoundation();
  const admin = await rotation.admin();
  const { servers } = rotation.settings;
  const key = async () => {
    const found = gossipKeyIn(await rotation.state("foundation"));
    if (found === undefined) throw new Error("the foundation's state has no gossip key");
    return found;
  };
  const pools = await admin.keyring.pools();
  if (!isSettled(pools, await key())) report("the last exchange is not finished, continuing with it");
  else {
    requireMembers(pools, servers);
    stopIfInterrupted();
    const state = promoted(await rotation.state("foundation"), "random_bytes", "gossip-key");
    await rotation.terraform.pushState(rotation.folderOf("foundation"), state);
  }
  await settleKeyring(admin.keyring, await key(), servers, report);
  await rotation.applyAll();
  if (!allHave(await admin.keyring.pools(), await key())) throw new Error("the keyring has not the key of the state");
  return `The gossip key is exchanged: all ${servers + 1} members have the new one and no other.`;
}
