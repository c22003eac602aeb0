import { ANYBODYS, HISTORY_FOLDER } from "../../../lib/consul/paths.js";
import { PARTS } from "../../../lib/platform-names.js";
import type { Settings } from "../../../lib/settings.js";
import { listAll } from "../../docker/docker-host.js";
import { inConsulImage, type MountedVolume } from "../../docker/in-consul-image.js";

const LINE = /^(\S+) (\S+)$/;

/** What the monitor takes as known goes first: of the events that come meanwhile, the history then has more than that. */
const READ = `cd ${HISTORY_FOLDER} 2>/dev/null || exit 0
for file in baseline.json *.jsonl; do
  [ -f "$file" ] || continue
  printf '%s ' "$file"
  gzip -c "$file" | base64 | tr -d '\\n'
  echo
done`;

/**
 * The files of the monitor's history, each gzipped, by their names: none where there is no such volume. The monitor need not
 * run, and may be writing.
 */
export async function readHistory(settings: Settings): Promise<ReadonlyMap<string, Uint8Array>> {
  const volume = await historyVolume(settings);
  if (volume === undefined) return new Map();
  const text = await inConsulImage(settings, { script: READ, volume: { ...volume, isReadOnly: true } });
  const files = text.split("\n").flatMap((line) => {
    const [, name = "", content] = LINE.exec(line) ?? [];
    return content === undefined ? [] : [[name, Buffer.from(content, "base64")] as const];
  });
  return new Map(files);
}

/** The volume that keeps the history; undefined where the platform has none. */
export async function historyVolume({ instance, prefix }: Settings): Promise<MountedVolume | undefined> {
  const name = `${prefix}${PARTS.monitor}-data`;
  const isThere = (await listAll("volume")).some((each) => each.name === name && each.instance === instance);
  return isThere ? { name, folder: ANYBODYS } : undefined;
}
