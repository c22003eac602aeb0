import type { Archive } from "../../lib/backup/archive";
import type { Catalog } from "../../lib/catalog/types";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { applyPlatform } from "../apply-platform";
import { changed } from "../changes-made";
import { connectAsAdmin } from "../consul-admin";
import { connect, LEADER_WITHIN_SECONDS } from "../live";
import { preflight } from "../preflight";
import { report } from "../progress";
import { refuseOtherNumber } from "../servers/going";
import { whileWritesAreHeld } from "../servers/writes";
import { refuseBroken } from "../state-files";
import { valuesIn } from "../state-text";
import { readEveryState } from "../states";
import type { SynthesizedStack } from "../synthesize";
import type { Terraform } from "../terraform";
import { readRecord, recordContainers, recordSettings } from "../up-record";
import { isGood, tell, waitUntilGood } from "../verify";
import { begunRestore, markBegun, markEnded } from "./begun";
import { forgetStrangers } from "./forget-strangers";
import { installAllStates, installConsulStates } from "./install-states";
import { revivedTokens } from "./revived-tokens";
import { removeStaleNodes, untilNodesAreBack } from "./stale-nodes";

/** What Consul's API needs: these stand before there is anything to restore into. */
const BASE = /^(foundation|server-\d+|gateway)$/;

/** The attributes by which a state knows an object in Consul: policies and queries, tokens, a team's KV. */
const KNOWN_BY: readonly string[] = ["id", "accessor_id", "path_prefix"];

export interface Restoration {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly stacks: readonly SynthesizedStack[];
  readonly catalog: Catalog;
  readonly archive: Archive;
  readonly file: string;
  /** Whether there was no platform at all. */
  readonly isFresh: boolean;
}

/**
 * Brings the base up, restores, and applies everything until it stands as declared. A marker in the state folder says
 * that it was begun: each step may be done again.
 * @returns the tokens that live again and that Rollcall did not make
 */
export async function restorePlatform(restoration: Restoration): Promise<readonly string[]> {
  const { settings, terraform, stacks, catalog, archive, file, isFresh } = restoration;
  const record = await readRecord(settings, terraform);
  if (begunRestore(settings) === undefined) markBegun(settings, { file, installed: !isFresh });
  if (begunRestore(settings)?.installed === false) {
    report("putting back the keys and what Terraform knew");
    await installAllStates(terraform, stacks, archive.states);
    markBegun(settings, { file, installed: true });
  }
  await preflight(settings, terraform, stacks, report, refuseOtherNumber, record);
  await recordSettings(settings, terraform, record);
  const base = stacks.filter(({ name }) => BASE.test(name));
  await applyPlatform(settings, terraform, base);
  const admin = await connectAsAdmin(settings, terraform);
  await admin.untilReady(LEADER_WITHIN_SECONDS);

  report("restoring the snapshot");
  // What is under way when Consul begins to restore is refused.
  await whileWritesAreHeld(settings, () => admin.call("PUT", "/v1/snapshot", archive.snapshot));
  changed(`what Consul held at ${archive.manifest.time} restored`);
  // The leader takes office again after a restore, and with it installs the management token of its configuration.
  await admin.untilReady(LEADER_WITHIN_SECONDS);
  await installConsulStates(terraform, stacks, archive.states);
  const known = async () => {
    const { states, broken } = await readEveryState(settings, terraform, stacks);
    refuseBroken(broken);
    return valuesIn(states.values(), KNOWN_BY);
  };
  for (const gone of await forgetStrangers(admin, catalog, await known()))
    report(`${gone} is made anew: the backup has no state that knows it`);
  await removeStaleNodes(admin);

  await applyPlatform(settings, terraform, stacks);
  await recordContainers(settings, terraform);
  await untilNodesAreBack(admin);
  const live = await waitUntilGood(settings, catalog, await connect(settings, terraform));
  markEnded(settings);
  console.log(`\n${tell(catalog, live)}\n`);
  if (!isGood(live))
    throw new UserError(
      "The backup is restored, but not every service stands as declared (see above)",
      "Mend them and run `npm run verify`.",
    );
  return revivedTokens(admin, await known());
}
