import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Settings } from "../../lib/settings.js";
import type { DockerObject } from "../docker/docker-host.js";
import { judgeStrays, lostProblems, readSighting, type Strays } from "../platform/strays.js";
import { readRecord } from "../platform/up-record.js";
import { stackFolders } from "../report/diff/plan-platform.js";
import type { Problem } from "../report/problem.js";
import { readEveryState } from "./states.js";
import type { Terraform } from "./terraform.js";

/** How the states stand, each read to its end, against what is on the Docker host. */
export interface StateHealth {
  /** Each state that is damaged or lost, with the way to get it back. */
  readonly problems: readonly Problem[];
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
  owned: readonly DockerObject[],
): Promise<StateHealth> {
  // Local states are read as files; only those elsewhere need the stacks' folders.
  const stacks = settings.backend === "local" ? [] : await stackFolders(settings, readCatalog(settings.catalogFolder));
  const { states, broken } = await readEveryState(settings, terraform, stacks);
  if (broken.length > 0) return { problems: broken, strays: undefined };
  const strays = judgeStrays(await readSighting(settings, owned, states, await readRecord(settings, terraform)));
  return { problems: lostProblems(settings, strays), strays };
}

/**
 * What is wrong with the states, for verbs that look at much else. Of a database nothing is read: that takes seconds, and
 * `npx rollcall doctor` does it.
 */
export async function localStateProblems(
  settings: Settings,
  terraform: () => Promise<Terraform>,
  owned: readonly DockerObject[],
): Promise<readonly Problem[]> {
  if (settings.backend !== "local") return [];
  return (await readStateHealth(settings, await terraform(), owned)).problems;
}
