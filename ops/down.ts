import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupsIn } from "../lib/backup/backup-files";
import { makeFolder } from "../lib/make-folder";
import { PARTS } from "../lib/platform-names";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { confirm } from "./confirm";
import { type Found, type Kind, listOwned, remove } from "./docker-host";
import { withPlatformLock } from "./lock";
import { elapsed, report } from "./progress";
import { requireDocker } from "./require-docker";
import { emptyStates } from "./states";
import { setUpTerraform } from "./tools";
import { removeRecord } from "./up-record";

/**
 * `npm run down`: removes exactly what was made, by its labels, also when Consul is dead or half of it is missing.
 * What Consul held dies with its volumes; nothing is deleted call by call. `npm run down -- NAME` removes the platform
 * of that name, whose clone is gone. Says what is lost and asks before, unless `--yes`.
 */
export async function down({ flags, words: [name] }: Asked): Promise<number> {
  const settings = readSettings();
  return withPlatformLock(settings.stateFolder, "down", async () => {
    await requireDocker("nothing was removed");
    const instance = name ?? settings.instance;
    const isStranded = instance !== settings.instance;
    const owned = await listOwned(instance);
    if (isStranded && owned.length === 0) throw nobodyHas(instance);
    // A `down` that was interrupted was answered, and where nothing is there, nothing can be lost.
    if (isStranded || (!isHalfDown(settings) && (owned.length > 0 || hasState(settings)))) {
      console.error(loss(instance, owned, settings.backupFolder));
      await confirm("Remove it?", flags.has("yes"), `npm run down -- ${name === undefined ? "" : `${name} `}--yes`);
    }
    if (isStranded) await removeOwned(instance, report);
    else await finishDown(settings, report);
    console.log(`Everything of ${name ?? "this platform"} is removed, in ${elapsed()} s.`);
    return 0;
  });
}

/** Whether a `down` was begun and did not come to its end. */
export function isHalfDown(settings: Settings): boolean {
  return existsSync(marker(settings));
}

/** Begins a `down`, or finishes one that was interrupted. */
export async function finishDown(settings: Settings, tell: (line: string) => void): Promise<void> {
  makeFolder(settings.stateFolder);
  writeFileSync(marker(settings), "");
  await removeOwned(settings.instance, tell);
  if (settings.backend !== "local") {
    tell("emptying the state");
    const terraform = await setUpTerraform(settings);
    await emptyStates(settings, terraform);
    await removeRecord(settings, terraform);
  }
  // The marker and the platform's name go last: until then the next run knows what to finish.
  for (const file of readdirSync(settings.stateFolder))
    if (file !== MARKER && file !== "instance") rmSync(join(settings.stateFolder, file), { recursive: true });
  rmSync(settings.stateFolder, { recursive: true });
}

/** Removes everything on the Docker host that has this platform's label. */
async function removeOwned(instance: string, tell: (line: string) => void): Promise<void> {
  const order: readonly Kind[] = ["container", "volume", "network"];
  for (const kind of order) {
    const things = (await listOwned(instance)).filter((thing) => thing.kind === kind);
    if (things.length > 0) tell(`removing ${counted(things.length, kind)}`);
    await remove(kind, things);
  }
}

function nobodyHas(name: string): UserError {
  return new UserError(
    `No platform ${JSON.stringify(name)} is on this Docker host`,
    'Its name is the label rollcall.instance (`docker ps -a --format "{{.Label \\"rollcall.instance\\"}}"`).',
  );
}

/** Whether keys and tokens are here that would be lost even where nothing is left on the Docker host. */
function hasState({ backend, stateFolder }: Settings): boolean {
  return backend !== "local" || readdirSync(stateFolder).some((file) => file.endsWith(".tfstate"));
}

/** What a `down` takes away, for whoever is asked. Pure but for the backup folder. */
export function loss(instance: string, owned: readonly Found[], backupFolder: string): string {
  const count = (kind: Kind) => owned.filter((thing) => thing.kind === kind).length;
  const scheduled = owned.some(({ kind, name }) => kind === "volume" && name.endsWith(PARTS.backup));
  const [last] = backupsIn(backupFolder, instance);
  const removed = (["container", "volume", "network"] as const).map((kind) => counted(count(kind), kind)).join(", ");
  return [
    `This removes the platform ${instance}: ${removed}.`,
    "  lost    all that Consul holds: services, KV, ACL policies and tokens; the CA, the gossip key and the state",
    ...(scheduled
      ? ["  lost    the scheduled backups in the platform's volume (`npm run backup -- --fetch` copies them)"]
      : []),
    last === undefined
      ? `  backup  none of it is in ${backupFolder}`
      : `  backup  the newest in ${backupFolder} is of ${last.time.toISOString()}; it stays`,
  ].join("\n");
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

const MARKER = "going-down";

function marker(settings: Settings): string {
  return join(settings.stateFolder, MARKER);
}
