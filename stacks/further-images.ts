import type { Catalog } from "../lib/catalog/types.js";
import { standInsOf } from "../lib/consul/stand-ins/stand-in.js";
import { consulImage, IMAGE_NAMES, type ImageName } from "../lib/docker/images.js";
import type { Settings } from "../lib/settings.js";

/**
 * The images that a platform needs besides those of every one: stand-ins that are databases, another version of Consul, and
 * what `ROLLCALL_MONITORING` brings.
 */
export function furtherImages(
  settings: Pick<Settings, "workloads" | "consulVersion" | "monitoring">,
  catalog: Catalog,
): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  const monitoring = settings.monitoring ? (["prometheus", "alertmanager", "blackbox"] as const) : [];
  const wanted = [consulImage(settings.consulVersion), ...standIns, ...monitoring];
  return [...new Set(wanted)].filter((image) => !IMAGE_NAMES.includes(image));
}
