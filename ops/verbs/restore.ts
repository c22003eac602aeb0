import type { Archive } from "../../lib/backup/archive.js";
import { recipientOf } from "../../lib/backup/encryption.js";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { printableLines } from "../../lib/printable.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { whileSilenced } from "../alertmanager/while-silenced.js";
import { confirm } from "../cli/confirm.js";
import { elapsed, report } from "../cli/progress.js";
import { fromStartFolder } from "../cli/start-folder.js";
import { connect } from "../consul/connect.js";
import { type Inspected, inspectSnapshot } from "../platform/backup/inspect-snapshot.js";
import { makeBackup } from "../platform/backup/make-backup.js";
import { begunRestore } from "../platform/begun-restore.js";
import { refuseForgotten } from "../platform/forgotten.js";
import { untilLed } from "../platform/live.js";
import { withPlatformLock } from "../platform/lock.js";
import { synthesize } from "../platform/synthesize.js";
import { isHalfDown } from "../platform/take-down.js";
import { setUp } from "../platform/tools.js";
import { recordOf } from "../platform/up-record.js";
import { readStates } from "../terraform/states.js";
import { readBackup, readIdentities, requireReadable } from "./restore/read-backup.js";
import { restorePlatform } from "./restore/restore-platform.js";

/** What `restore` is asked for. */
export interface RestoreOptions {
  /** The backup, relative to where the person stands. */
  readonly file: string;
  /** Whether the question is answered beforehand. @default false */
  readonly yes?: boolean | undefined;
}

/**
 * `npx rollcall restore FILE`: everything that Consul held when the backup was made, on the platform that runs; where
 * there is none, first that platform with its own keys. Asks before, unless `--yes`; ends with a platform that works.
 */
export async function restore({ file: name, yes = false }: RestoreOptions): Promise<number> {
  const file = fromStartFolder(name);
  requireReadable(file);
  const asked = readSettings();
  const catalog = readCatalog(asked.catalogFolder);
  const identities = readIdentities(asked);
  const archive = await readBackup(file, identities);
  return withPlatformLock(asked.stateFolder, "restore", async () => {
    if (!isHalfDown(asked)) refuseForgotten(await recordOf(asked));
    const { settings, terraform } = await setUp(asked, catalog);
    refuseUnfit(settings, archive, file);
    const inspected = await inspectSnapshot(settings, archive.snapshot);
    const stacks = await synthesize(settings, catalog);
    const begun = begunRestore(settings);
    const isFresh = begun === undefined && (await readStates(settings, terraform, stacks)).size === 0;
    // It needs a leader; to be asked now, before anything is changed.
    if (begun === undefined && !isFresh) await untilLed(await connect(settings, terraform));

    console.error(printableLines(describe(archive, inspected, file, isFresh || begun?.installed === false)));
    await confirm("Go on?", yes, `npx rollcall restore ${name} --yes`);
    if (begun === undefined && !isFresh) {
      const recipients = settings.backupRecipients;
      report("backing up the current content first");
      const before = await makeBackup(
        settings,
        terraform,
        recipients.length > 0 ? recipients : await Promise.all(identities.map(recipientOf)),
        file,
      );
      report(`written: ${before.file}`);
    }
    const work = () => restorePlatform({ settings, terraform, stacks, catalog, archive, file, isFresh });
    const revived = await whileSilenced(settings, "restore", work);
    console.log(
      [
        `Restored: what Consul held at ${archive.manifest.time} (index ${inspected.index}), in ${elapsed()} s.`,
        ...(revived.length === 0 ? [] : ["Tokens that Rollcall did not make live again, with all their rights:"]),
        ...revived.map((line) => `  ${line}`),
        ...(revived.length === 0 ? [] : ["docs/operations.md tells how to remove one."]),
      ].join("\n"),
    );
    return 0;
  });
}

function refuseUnfit(settings: Settings, { manifest }: Archive, file: string): void {
  if (isHalfDown(settings))
    throw new UserError("A `down` of this platform did not come to its end", "Run `npx rollcall down` again first.");
  if (manifest.datacenter !== settings.datacenter)
    throw new UserError(
      `${file} is of the datacenter ${manifest.datacenter}, and this platform is ${settings.datacenter}`,
      `Where it is the right file, set ROLLCALL_DATACENTER=${manifest.datacenter}.`,
    );
}

function describe({ manifest, states }: Archive, { index, counts }: Inspected, file: string, isFresh: boolean): string {
  const count = (name: string) => counts.get(name) ?? 0;
  return [
    file,
    `  made       ${manifest.time}, of the platform ${manifest.instance}, datacenter ${manifest.datacenter}`,
    `  snapshot   index ${index}: ${count("Register")} nodes, services and checks, ${count("KVS")} keys, ` +
      `${count("ACLPolicy")} ACL policies, ${count("ACLToken")} tokens, ${count("ConfigEntry")} config entries`,
    `  state      ${states.size === 0 ? "none" : `${states.size} stacks, with CA, gossip key and management token`}`,
    isFresh
      ? `There is no platform here. It is recreated, ${states.size === 0 ? "with new keys" : "with the keys of that time"}.`
      : "It takes the place of everything that Consul holds now. This platform keeps its keys and certificates.",
  ].join("\n");
}
