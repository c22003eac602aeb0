import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailed } from "../lib/process";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { docker, type Kind, listOwned, remove } from "./docker-host";
import { withPlatformLock } from "./lock";
import { elapsed, report } from "./progress";
import { emptyStates } from "./states";
import { setUpTerraform } from "./tools";
import { removeRecord } from "./up-record";

/**
 * `npm run down`: removes exactly what was made, by its labels, also when Consul is dead or half of it is missing.
 * What Consul held dies with its volumes; nothing is deleted call by call. `npm run down -- NAME` removes the platform
 * of that name, whose clone is gone.
 */
export async function down([name]: readonly string[]): Promise<number> {
  const settings = readSettings();
  return withPlatformLock(settings.stateFolder, "down", async () => {
    try {
      await docker(["version", "--format", "{{.Server.Version}}"]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      throw new UserError(
        "Docker does not answer, so nothing was removed",
        "Start Docker, or mend your permission to use it, and run `npm run down` again.",
      );
    }
    if (name === undefined || name === settings.instance) await finishDown(settings, report);
    else await removeStranded(name);
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
  mkdirSync(settings.stateFolder, { recursive: true, mode: 0o700 });
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
    if (things.length > 0) tell(`removing ${things.length} ${kind}${things.length === 1 ? "" : "s"}`);
    await remove(kind, things);
  }
}

async function removeStranded(name: string): Promise<void> {
  if ((await listOwned(name)).length === 0)
    throw new UserError(
      `No platform ${JSON.stringify(name)} is on this Docker host`,
      'Its name is the label rollcall.instance (`docker ps -a --format "{{.Label \\"rollcall.instance\\"}}"`).',
    );
  await removeOwned(name, report);
}

const MARKER = "going-down";

function marker(settings: Settings): string {
  return join(settings.stateFolder, MARKER);
}
