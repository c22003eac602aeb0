import type { Archive } from "../../../lib/backup/archive.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { changed } from "../../cli/changes-made.js";
import { report } from "../../cli/progress.js";
import { connect, connectAsAdmin } from "../../consul/connect.js";
import { applyPlatform } from "../../platform/apply-platform.js";
import { begunRestore, markBegun, markEnded } from "../../platform/begun-restore.js";
import { preflight } from "../../platform/preflight.js";
import { refuseOtherNumber } from "../../platform/servers/surplus.js";
import { whileWritesAreHeld } from "../../platform/servers/writes.js";
import type { SynthesizedStack } from "../../platform/synthesize.js";
import { describeFindings, isGood, waitUntilGood } from "../../platform/until-services-pass.js";
import { readRecord, recordContainers, recordSettings } from "../../platform/up-record.js";
import { refuseBroken } from "../../terraform/state-files.js";
import { valuesIn } from "../../terraform/state-text.js";
import { readEveryState } from "../../terraform/states.js";
import type { Terraform } from "../../terraform/terraform.js";
import { forgetStrangers } from "./forget-strangers.js";
import { installAllStates, installConsulStates } from "./install-states.js";
import { restoreHistory } from "./restore-history.js";
import { revivedTokens } from "./revived-tokens.js";
import { removeStaleNodes, untilNodesAreBack } from "./stale-nodes.js";
import { untilTokenIsTaken } from "./until-token-is-taken.js";

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
  const begun = begunRestore(settings) ?? { file, installed: !isFresh, since: new Date().toISOString() };
  markBegun(settings, begun);
  if (!begun.installed) {
    report("restoring keys and Terraform states");
    await installAllStates(terraform, stacks, archive.states);
    markBegun(settings, { ...begun, installed: true });
  }
  await preflight(settings, terraform, stacks, report, refuseOtherNumber, record);
  await recordSettings(settings, terraform, record);
  const base = stacks.filter(({ name }) => BASE.test(name));
  await applyPlatform(settings, terraform, base);
  const consul = await connectAsAdmin(settings, terraform);
  await untilTokenIsTaken(consul.acl);

  report("restoring the snapshot");
  // What is under way when Consul begins to restore is refused.
  await whileWritesAreHeld(settings, () => consul.snapshot.restore(archive.snapshot));
  changed(`what Consul held at ${archive.manifest.time} restored`);
  // The leader takes office again after a restore, and with it installs the management token of its configuration.
  await untilTokenIsTaken(consul.acl);
  await installConsulStates(terraform, stacks, archive.states);
  const known = async () => {
    const { states, broken } = await readEveryState(settings, terraform, stacks);
    refuseBroken(broken);
    return valuesIn(states.values(), KNOWN_BY);
  };
  for (const gone of await forgetStrangers(consul, catalog, await known()))
    report(`${gone} is recreated: the backup has no state that knows it`);
  await removeStaleNodes(consul);

  await applyPlatform(settings, terraform, stacks);
  await restoreHistory(settings, archive.history, begun.since, report);
  await recordContainers(settings, terraform);
  await untilNodesAreBack(consul);
  const live = await waitUntilGood(settings, catalog, await connect(settings, terraform));
  markEnded(settings);
  console.log(`\n${describeFindings(catalog, live)}\n`);
  if (!isGood(live))
    throw new UserError(
      "The backup is restored, but not every service stands as declared (see above)",
      "Mend them and run `npx rollcall verify`.",
    );
  return revivedTokens(consul.acl, await known());
}
