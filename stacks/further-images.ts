import { needsProber } from "../lib/catalog/checks";
import type { Catalog } from "../lib/catalog/types";
import { standInsOf } from "../lib/consul/stand-in";
import type { ImageName } from "../lib/docker/images";
import type { Settings } from "../lib/settings";

/** The images that a catalog needs besides those of every platform: Node for the prober and the scheduled backup, and stand-ins that are databases. */
export function furtherImages(
  settings: Pick<Settings, "workloads" | "backupEverySeconds">,
  catalog: Catalog,
): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  const needsNode = needsProber(catalog.services) || settings.backupEverySeconds !== undefined;
  return [...new Set([...(needsNode ? ["node" as const] : []), ...standIns])].filter((image) => image !== "nginx");
}
