import { readSettings } from "../../lib/settings.js";
import { confirm } from "../cli/confirm.js";
import { elapsed, report } from "../cli/progress.js";
import { listOwned } from "../docker/docker-host.js";
import { requireDocker } from "../docker/require-docker.js";
import { auditVerb } from "../platform/audit-verb.js";
import { withPlatformLock } from "../platform/lock.js";
import {
  ALL_KINDS,
  finishDown,
  hasState,
  isHalfDown,
  loss,
  nobodyHas,
  refuseToKeep,
  removeKeepingData,
  removeOwned,
} from "../platform/take-down.js";

/** What `down` is asked for. */
export interface DownOptions {
  /** One whose clone is gone, by its label `rollcall.instance`. @default - this clone's */
  readonly name?: string | undefined;
  /** Whether the question is answered beforehand. @default false */
  readonly yes?: boolean | undefined;
  /** Whether volumes, state and applied settings stay. @default false */
  readonly keepData?: boolean | undefined;
}

/**
 * `npx rollcall down`: removes exactly what was made, by its labels, also when Consul is dead or half of it is missing.
 * What Consul held dies with its volumes; nothing is deleted call by call. `npx rollcall down NAME` removes the platform
 * of that name, whose clone is gone. Says what is lost and asks before, unless `--yes`. With `--keep-data` nothing that
 * it holds is lost: `removeKeepingData`.
 */
export async function down({ name, yes = false, keepData = false }: DownOptions): Promise<number> {
  const settings = readSettings();
  return withPlatformLock(settings.stateFolder, "down", async () => {
    await requireDocker("nothing was removed");
    const instance = name ?? settings.instance;
    const isStranded = instance !== settings.instance;
    if (keepData) {
      refuseToKeep(settings, isStranded);
      return removeKeepingData(settings, (changes) => auditVerb("down --keep-data", changes, 0));
    }
    const owned = await listOwned(instance);
    if (isStranded && owned.length === 0) throw nobodyHas(instance);
    // A `down` that was interrupted was answered, and where nothing is there, nothing can be lost.
    if (isStranded || (!isHalfDown(settings) && (owned.length > 0 || hasState(settings)))) {
      console.error(loss(instance, owned, settings.backupFolder));
      await confirm("Remove it?", yes, `npx rollcall down ${name === undefined ? "" : `${name} `}--yes`);
    }
    if (isStranded) await removeOwned(instance, ALL_KINDS, report);
    else await finishDown(settings, report);
    console.log(`Everything of ${name ?? "this platform"} is removed, in ${elapsed()} s.`);
    return 0;
  });
}
