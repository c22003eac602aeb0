import type { Catalog } from "../lib/catalog/types.js";
import { standInsOf } from "../lib/consul/stand-ins/stand-in.js";
import { consulImage, IMAGE_NAMES, type ImageName } from "../lib/docker/images.js";
import type { Settings } from "../lib/settings.js";

/**
 * The images that a platform needs besides those of every one: stand-ins that are databases, and another version of
 * Consul.
 */
export function furtherImages(
  settings: Pick<Settings, "workloads" | "consulVersion">,
  catalog: Catalog,
): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  const wanted = [consulImage(settings.consulVersion), ...standIns];
  return [...new Set(wanted)].filter((image) => !IMAGE_NAMES.includes(image));
}
