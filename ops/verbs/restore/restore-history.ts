import { packTar } from "modern-tar";
import { z } from "zod";
import { HISTORY_FOLDER } from "../../../lib/consul/paths.js";
import { PARTS } from "../../../lib/platform-names.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { unless } from "../../../lib/wait-until.js";
import { changed } from "../../cli/changes-made.js";
import { docker, unhealthy } from "../../docker/docker-host.js";
import { inConsulImage } from "../../docker/in-consul-image.js";
import { historyVolume } from "../../platform/backup/history.js";
import { waitUntil } from "../../platform/wait-until.js";

const FIRST = `cd ${HISTORY_FOLDER} 2>/dev/null || exit 0
for file in *.jsonl; do [ -f "$file" ] && head -n 1 "$file"; break; done`;

/** Into a folder beside it, which then takes its place: what is interrupted is done again by the next run. */
const WRITE = `set -e
new=${HISTORY_FOLDER}.new
rm -rf "$new"
mkdir "$new"
cd "$new"
tar -x
gunzip ./*.gz
sync
rm -rf ${HISTORY_FOLDER}
mv "$new" ${HISTORY_FOLDER}`;

/** Its health check runs every 5 s; three times that and a start. */
const HEALTHY_WITHIN_SECONDS = 60;

const eventSchema = z.object({ time: z.string() });

/**
 * Puts the backup's history where the platform has none of its own: one that began with this restore gives way, so that
 * numbers go on where the backup ends. A history from before the restore stays: it has what the backup has, or is another's.
 * @param history the backup's files, each gzipped, by their names
 * @param since when the restore was begun, in ISO 8601. @default - not known: what is there stays
 */
export async function restoreHistory(
  settings: Settings,
  history: ReadonlyMap<string, Uint8Array> = new Map(),
  since: string | undefined,
  report: (line: string) => void,
): Promise<void> {
  const volume = history.size === 0 ? undefined : await historyVolume(settings);
  if (volume === undefined) return;
  if (!givesWay(await inConsulImage(settings, { script: FIRST, volume: { ...volume, isReadOnly: true } }), since))
    return;
  report("restoring the monitor's history");
  const entries = [...history].map(([name, body]) => ({ header: { name: `${name}.gz`, size: body.length }, body }));
  const monitor = `${settings.prefix}${PARTS.monitor}`;
  await docker(["stop", monitor]);
  try {
    await inConsulImage(settings, { script: WRITE, input: await packTar(entries), volume });
  } finally {
    await docker(["start", monitor]);
  }
  await waitUntil({
    seconds: HEALTHY_WITHIN_SECONDS,
    look: async () => unless((await unhealthy([monitor])).join("; ")),
    late: (why) => {
      throw new UserError(
        `The monitor does not take the history of the backup: ${why}`,
        `\`docker logs ${monitor}\` shows more. Run the restore again when that is fixed.`,
      );
    },
  });
  changed("the monitor's history restored");
}

/**
 * Whether the history that is there began with the restore. Pure.
 * @param first its first line; "" where it has none
 */
export function givesWay(first: string, since: string | undefined): boolean {
  if (first.trim() === "") return true;
  const { time } = eventSchema.parse(JSON.parse(first));
  return since !== undefined && Date.parse(time) >= Date.parse(since);
}
