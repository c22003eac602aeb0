import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupsIn } from "../../lib/backup/backup-files.js";
import { makeFolder } from "../../lib/make-folder.js";
import { PARTS } from "../../lib/platform-names.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { counted } from "../cli/counted.js";
import { elapsed, report } from "../cli/progress.js";
import { type DockerObject, type Kind, listOwned, remove } from "../docker/docker-host.js";
import { emptyStates } from "../terraform/states.js";
import { stopPlatform, stopping } from "./stop-platform.js";
import { setUpTerraform } from "./tools.js";
import { removeRecord } from "./up-record.js";

/** @throws UserError where what is kept would be of no use */
export function refuseToKeep(settings: Settings, isStranded: boolean): void {
  if (isStranded)
    throw new UserError(
      "--keep-data keeps a platform's volumes for the state in its clone, and a platform that is named has no clone",
      "Leave the name out, or leave out --keep-data.",
    );
  if (isHalfDown(settings))
    throw new UserError(
      "A `down` without --keep-data was interrupted: some of the data is gone already",
      "Run `npx rollcall down` to finish it, or `npx rollcall up`, which finishes it and starts over.",
    );
}

/**
 * Stops the containers in a safe order and removes them and the networks. Every volume stays, and the state and the
 * record of the applied settings with them, so that the next `up` makes the same cluster of them again: same data,
 * tokens, CA and server ids. Terraform destroys nothing here, so `ROLLCALL_PROTECT` does not matter. Interrupted, it is
 * finished by the same command, or undone by `up`.
 */
export async function removeKeepingData(
  settings: Settings,
  tellAudit: (changes: readonly string[]) => Promise<void>,
): Promise<number> {
  await stopPlatform(settings, (count) => tellAudit([stopping(count)]));
  const removed = await removeOwned(settings.instance, ["container", "network"], report);
  const volumes = (await listOwned(settings.instance)).length;
  const kept = `${counted(volumes, "volume")}, the state and the applied settings are kept`;
  console.log(
    removed === 0
      ? `Nothing to do: no container and no network is here; ${kept}.`
      : `Every container and network is removed, in ${elapsed()} s; ${kept}. \`npx rollcall up\` goes on with them.`,
  );
  return 0;
}

/** Whether a `down` was begun and did not come to its end. */
export function isHalfDown(settings: Settings): boolean {
  return existsSync(marker(settings));
}

/** Begins a `down`, or finishes one that was interrupted. */
export async function finishDown(settings: Settings, tell: (line: string) => void): Promise<void> {
  makeFolder(settings.stateFolder);
  writeFileSync(marker(settings), "");
  await removeOwned(settings.instance, ALL_KINDS, tell);
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

/** In the order in which they can be removed. */
export const ALL_KINDS: readonly Kind[] = ["container", "volume", "network"];

/**
 * Removes everything of these kinds on the Docker host that has this platform's label.
 * @returns how many were removed
 */
export async function removeOwned(
  instance: string,
  kinds: readonly Kind[],
  tell: (line: string) => void,
): Promise<number> {
  let count = 0;
  for (const kind of kinds) {
    const things = (await listOwned(instance)).filter((thing) => thing.kind === kind);
    if (things.length > 0) tell(`removing ${counted(things.length, kind)}`);
    await remove(kind, things);
    count += things.length;
  }
  return count;
}

/** The error for a platform that nothing on this Docker host is of. */
export function nobodyHas(name: string): UserError {
  return new UserError(
    `No platform ${JSON.stringify(name)} is on this Docker host`,
    'Its name is the label rollcall.instance (`docker ps -a --format "{{.Label \\"rollcall.instance\\"}}"`).',
  );
}

/** Whether keys and tokens are here that would be lost even where nothing is left on the Docker host. */
export function hasState({ backend, stateFolder }: Settings): boolean {
  return backend !== "local" || readdirSync(stateFolder).some((file) => file.endsWith(".tfstate"));
}

/** What `down` removes, for its question. Pure except for the backup folder. */
export function loss(instance: string, owned: readonly DockerObject[], backupFolder: string): string {
  const count = (kind: Kind) => owned.filter((thing) => thing.kind === kind).length;
  const scheduled = owned.some(({ kind, name }) => kind === "volume" && name.endsWith(PARTS.backup));
  const history = owned.some(({ kind, name }) => kind === "volume" && name.endsWith(`${PARTS.monitor}-data`));
  const metrics = owned.some(({ kind, name }) => kind === "volume" && name.endsWith(`${PARTS.prometheus}-data`));
  const [last] = backupsIn(backupFolder, instance);
  const removed = (["container", "volume", "network"] as const).map((kind) => counted(count(kind), kind)).join(", ");
  return [
    `This removes the platform ${instance}: ${removed}.`,
    "  lost    all that Consul holds: services, KV, ACL policies and tokens; the CA, the gossip key and the state",
    "          (`npx rollcall down --keep-data` keeps all of it; `npx rollcall stop` only stops the containers)",
    ...(scheduled
      ? ["  lost    the scheduled backups in the platform's volume (`npx rollcall backup --fetch` copies them)"]
      : []),
    ...(history ? ["  lost    the monitor's history of what changed"] : []),
    ...(metrics ? ["  lost    what Prometheus kept, and silences"] : []),
    last === undefined
      ? `  backup  none of it is in ${backupFolder}`
      : `  backup  the newest in ${backupFolder} is of ${last.time.toISOString()}; it stays`,
  ].join("\n");
}

const MARKER = "going-down";

function marker(settings: Settings): string {
  return join(settings.stateFolder, MARKER);
}
