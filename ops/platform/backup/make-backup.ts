import { join } from "node:path";
import { packArchive } from "../../../lib/backup/archive.js";
import { nameOfBackup, removeOldest, writeWhole } from "../../../lib/backup/backup-files.js";
import { encryptTo } from "../../../lib/backup/encryption.js";
import { readCatalog } from "../../../lib/catalog/read-catalog.js";
import type { Settings } from "../../../lib/settings.js";
import { connectAsAdmin } from "../../consul/connect.js";
import { readStates } from "../../terraform/states.js";
import type { Terraform } from "../../terraform/terraform.js";
import { begunRestore } from "../begun-restore.js";
import { synthesize } from "../synthesize.js";
import { readHistory } from "./history.js";
import { inspectSnapshot } from "./inspect-snapshot.js";

/** A backup that was written. */
export interface Made {
  readonly file: string;
  /** In bytes, encrypted. */
  readonly size: number;
  /** Raft's index of the last change that it has. */
  readonly index: number;
  /** How many older backups went for it. */
  readonly removed: number;
}

/**
 * Takes a snapshot of Consul, which Consul verifies, Terraform's state and the monitor's history, and puts them into a new
 * encrypted file. In clear they are in memory alone.
 * @param recipients who can read it
 * @param restoring the backup that is being restored, which stays however old it is. @default - that of a restore that
 *   did not come to its end
 */
export async function makeBackup(
  settings: Settings,
  terraform: Terraform,
  recipients: readonly string[],
  restoring = begunRestore(settings)?.file,
): Promise<Made> {
  const time = new Date();
  const snapshot = await (await connectAsAdmin(settings, terraform)).snapshot.take();
  const { index } = await inspectSnapshot(settings, snapshot);
  // A local state is read as it is: a mistake in the catalog must not stop a backup.
  const stacks = settings.backend === "local" ? [] : await synthesize(settings, readCatalog(settings.catalogFolder));
  const states = await readStates(settings, terraform, stacks);
  const history = await readHistory(settings);

  const { instance, datacenter } = settings;
  const manifest = { format: 1 as const, time: time.toISOString(), instance, datacenter, index };
  const encrypted = await encryptTo(recipients, await packArchive({ manifest, snapshot, states, history }));
  const name = nameOfBackup(instance, time);
  writeWhole(settings.backupFolder, name, encrypted);
  const removed = removeOldest(settings.backupFolder, instance, settings.backupKeep, restoring);
  return { file: join(settings.backupFolder, name), size: encrypted.length, index, removed };
}
