import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BackupFile, timeOfBackup, writeWhole } from "../../../lib/backup/backup-files.js";
import { BACKUP_FOLDER } from "../../../lib/consul/paths.js";
import { PARTS } from "../../../lib/platform-names.js";
import type { Settings } from "../../../lib/settings.js";
import { type DockerObject, docker, listAll } from "../../docker/docker-host.js";

/**
 * The scheduled backups in the volume of the container that makes them, the newest first; none where it does not run.
 * @param found all containers, where they are known already
 */
export async function scheduledBackups(
  settings: Settings,
  found?: readonly DockerObject[],
): Promise<readonly BackupFile[]> {
  const container = containerOf(settings, found ?? (await listAll("container")));
  if (container === undefined) return [];
  const script = `cd ${BACKUP_FOLDER} 2>/dev/null && for file in *; do echo "$(wc -c <"$file") $file"; done || true`;
  const lines = (await docker(["exec", container, "/bin/sh", "-c", script])).split("\n");
  return lines
    .flatMap((line) => {
      const [, size = "", name = ""] = /^\s*(\d+) (\S+)$/.exec(line) ?? [];
      const time = timeOfBackup(name, settings.instance);
      return time === undefined ? [] : [{ file: name, time, size: Number(size) }];
    })
    .sort((one, other) => other.time.getTime() - one.time.getTime());
}

/**
 * Copies the scheduled backups that the folder lacks into it: the volume is on the Docker host, and goes with it.
 * @returns the files that are new
 */
export async function fetchScheduled(settings: Settings): Promise<readonly string[]> {
  const found = await listAll("container");
  const container = containerOf(settings, found);
  const fetched: string[] = [];
  for (const { file } of container === undefined ? [] : await scheduledBackups(settings, found)) {
    const target = join(settings.backupFolder, file);
    if (existsSync(target)) continue;
    // As text, which is what our runner of commands takes.
    const text = await docker(["exec", container ?? "", "busybox", "base64", `${BACKUP_FOLDER}/${file}`]);
    writeWhole(settings.backupFolder, file, Buffer.from(text, "base64"));
    fetched.push(target);
  }
  return fetched;
}

function containerOf({ instance, prefix }: Settings, found: readonly DockerObject[]): string | undefined {
  const wanted = `${prefix}${PARTS.backup}`;
  const own = found.find((each) => each.name === wanted && each.instance === instance);
  return own?.state === "running" ? wanted : undefined;
}
