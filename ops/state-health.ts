import { readCatalog } from "../lib/catalog/read-catalog";
import type { Settings } from "../lib/settings";
import { stackFolders } from "./diff/plan-platform";
import type { Found } from "./docker-host";
import { readEveryState } from "./states";
import { judgeStrays, lostTroubles, readSighting, type Strays } from "./strays";
import type { Terraform } from "./terraform";
import type { Trouble } from "./trouble";
import { readRecord } from "./up-record";

/** How the states stand, each read to its end, against what is on the Docker host. */
export interface StateHealth {
  /** Each state that is damaged or lost, with the way to get it back. */
  readonly troubles: readonly Trouble[];
  /** Undefined where a state is damaged: then it cannot be told. */
  readonly strays: Strays | undefined;
}

/**
 * Reads every state and judges it as `up` does before it removes anything; changes nothing.
 * @param owned containers and networks of the platform
 * @throws UserError where a state is encrypted and cannot be decrypted
 */
export async function readStateHealth(
  settings: Settings,
  terraform: Terraform,
  owned: readonly Found[],
): Promise<StateHealth> {
  // Local states are read as files; only those elsewhere need the stacks' folders.
  const stacks = settings.backend === "local" ? [] : await stackFolders(settings, readCatalog(settings.catalogFolder));
  const { states, broken } = await readEveryState(settings, terraform, stacks);
  if (broken.length > 0) return { troubles: broken, strays: undefined };
  const strays = judgeStrays(await readSighting(settings, owned, states, await readRecord(settings, terraform)));
  return { troubles: lostTroubles(settings, strays), strays };
}

/**
 * What is wrong with the states, for verbs that look at much else. Of a database nothing is read: that takes seconds, and
 * `npm run doctor` does it.
 */
export async function localStateTroubles(
  settings: Settings,
  terraform: () => Promise<Terraform>,
  owned: readonly Found[],
): Promise<readonly Trouble[]> {
  if (settings.backend !== "local") return [];
  return (await readStateHealth(settings, await terraform(), owned)).troubles;
}
