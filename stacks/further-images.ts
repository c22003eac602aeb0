import { needsProber } from "../lib/catalog/checks";
import type { Catalog } from "../lib/catalog/types";
import { standInsOf } from "../lib/consul/stand-in";
import { consulImage, IMAGE_NAMES, type ImageName } from "../lib/docker/images";
import type { Settings } from "../lib/settings";

/**
 * The images that a platform needs besides those of every one: the prober's, stand-ins that are databases, and another
 * version of Consul.
 */
export function furtherImages(
  settings: Pick<Settings, "workloads" | "consulVersion">,
  catalog: Catalog,
): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  const consul = consulImage(settings.consulVersion);
  return [...new Set([consul, ...(needsProber(catalog.services) ? ["node" as const] : []), ...standIns])].filter(
    (image) => !IMAGE_NAMES.includes(image),
  );
}
