import { recipientOf } from "../lib/backup/age";
import type { Archive } from "../lib/backup/archive";
import { readCatalog } from "../lib/catalog/read-catalog";
import { printableLines } from "../lib/printable";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { type Inspected, inspectSnapshot } from "./backup/inspect-snapshot";
import { makeBackup } from "./backup/make-backup";
import type { Asked } from "./command-line.cjs";
import { confirm } from "./confirm";
import { isHalfDown } from "./down";
import { refuseForgotten } from "./forgotten";
import { connect, untilLed } from "./live";
import { withPlatformLock } from "./lock";
import { elapsed, report } from "./progress";
import { begunRestore } from "./restore/begun";
import { readBackup, readIdentities, requireReadable } from "./restore/read-backup";
import { restorePlatform } from "./restore/restore-platform";
import { fromStartFolder } from "./start-folder";
import { readStates } from "./states";
import { synthesize } from "./synthesize";
import { setUp } from "./tools";
import { recordOf } from "./up-record";

/**
 * `npm run restore -- FILE`: everything that Consul held when the backup was made, on the platform that runs; where
 * there is none, first that platform with its own keys. Asks before, unless `--yes`; ends with a platform that works.
 */
export async function restore({ flags, words: [name = ""] }: Asked): Promise<number> {
  const [file, yes] = [fromStartFolder(name), flags.has("yes")];
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

    console.error(printableLines(tell(archive, inspected, file, isFresh || begun?.installed === false)));
    await confirm("Go on?", yes, `npm run restore -- ${name} --yes`);
    if (begun === undefined && !isFresh) {
      const recipients = settings.backupRecipients;
      report("a backup of what is there now");
      const before = await makeBackup(
        settings,
        terraform,
        recipients.length > 0 ? recipients : await Promise.all(identities.map(recipientOf)),
        file,
      );
      report(`written: ${before.file}`);
    }
    const revived = await restorePlatform({ settings, terraform, stacks, catalog, archive, file, isFresh });
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
    throw new UserError("A `down` of this platform did not come to its end", "Run `npm run down` again first.");
  if (manifest.datacenter !== settings.datacenter)
    throw new UserError(
      `${file} is of the datacenter ${manifest.datacenter}, and this platform is ${settings.datacenter}`,
      `Where it is the right file, set ROLLCALL_DATACENTER=${manifest.datacenter}.`,
    );
}

function tell({ manifest, states }: Archive, { index, counts }: Inspected, file: string, isFresh: boolean): string {
  const count = (name: string) => counts.get(name) ?? 0;
  return [
    file,
    `  made       ${manifest.time}, of the platform ${manifest.instance}, datacenter ${manifest.datacenter}`,
    `  snapshot   index ${index}: ${count("Register")} nodes, services and checks, ${count("KVS")} keys, ` +
      `${count("ACLPolicy")} ACL policies, ${count("ACLToken")} tokens, ${count("ConfigEntry")} config entries`,
    `  state      ${states.size === 0 ? "none" : `${states.size} stacks, with CA, gossip key and management token`}`,
    isFresh
      ? `No platform is here: it is made anew, ${states.size === 0 ? "with new keys" : "with the keys of that time"}.`
      : "It takes the place of everything that Consul holds now. This platform keeps its keys and certificates.",
  ].join("\n");
}
