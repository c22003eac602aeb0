import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { CONSUL_DATA } from "../../../lib/consul/paths.js";
import { hasCode } from "../../../lib/error-code.js";
import { execIn } from "../../docker/containers.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import type { Problem } from "../problem.js";
import { type DoctorCheck, type DoctorContext, runningParts } from "./doctor-check.js";

/** A place that the platform writes to. */
export interface Disk {
  readonly place: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const GIB = 1024 ** 3;
/** A server stops writing where its disk is full: below either of these it is soon. */
const FEWEST_BYTES = GIB / 2;
const FEWEST_SHARE = 0.03;
const NOTED_SHARE = 0.1;

/** Free space where the servers' data, the state and the cache lie. */
export const disks: DoctorCheck = {
  name: "Disk",
  needsDocker: false,
  run: async (context) => {
    const { stateFolder, cacheFolder } = context.settings;
    const found = [
      ...(await inServer(context)),
      await local("the state folder", stateFolder),
      await local("the cache", cacheFolder),
    ];
    const summary = found.map(({ place, freeBytes }) => `${place} ${(freeBytes / GIB).toFixed(1)} GiB free`).join(", ");
    return { summary, problems: judgeDisks(found) };
  },
};

export function judgeDisks(found: readonly Disk[]): readonly Problem[] {
  return found
    .map((disk) => ({ ...disk, share: disk.freeBytes / disk.totalBytes }))
    .filter(({ freeBytes, share }) => freeBytes < FEWEST_BYTES || share < NOTED_SHARE)
    .map(({ place, freeBytes, share }) => ({
      what: `${place} has ${(freeBytes / GIB).toFixed(1)} GiB free, ${Math.floor(share * 100)} %`,
      remedy: "Free some: `docker system df` and `du -x` show what takes it.",
      isNote: freeBytes >= FEWEST_BYTES && share >= FEWEST_SHARE,
    }));
}

/** From within a server: its data lie below Docker's root, on whichever machine that is. */
async function inServer(context: DoctorContext): Promise<readonly Disk[]> {
  const server = runningParts(context).find(({ isServer }) => isServer);
  if (server === undefined) return [];
  const text = await resultOf(() => execIn(server.state.name, ["busybox", "df", "-Pk", CONSUL_DATA]));
  const [, total, , free] = isUnknown(text) ? [] : (text.trim().split("\n").at(-1) ?? "").split(/\s+/);
  if (total === undefined || free === undefined) return [];
  return [{ place: "Docker's root", freeBytes: Number(free) * 1024, totalBytes: Number(total) * 1024 }];
}

/** Of a folder, or of the nearest one above it that is there. */
async function local(place: string, folder: string): Promise<Disk> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { place, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    return local(place, dirname(folder));
  }
}
