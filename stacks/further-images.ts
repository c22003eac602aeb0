import { needsProber } from "../lib/catalog/checks";
import type { Catalog } from "../lib/catalog/types";
import { standInsOf } from "../lib/consul/stand-in";
import { consulImage, IMAGE_NAMES, type ImageName } from "../lib/docker/images";
import type { Settings } from "../lib/settings";

/**
 * The images that a platform needs besides those of every one: Node for the prober and the scheduled backup, stand-ins
 * that are databases, and another version of Consul.
 */
export function furtherImages(
  settings: Pick<Settings, "workloads" | "backupEverySeconds" | "consulVersion">,
  catalog: Catalog,
): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  const needsNode = needsProber(catalog.services) || settings.backupEverySeconds !== undefined;
  const wanted = [consulImage(settings.consulVersion), ...(needsNode ? ["node" as const] : []), ...standIns];
  return [...new Set(wanted)].filter((image) => !IMAGE_NAMES.includes(image));
}
