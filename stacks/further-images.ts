import { needsProber } from "../lib/catalog/checks";
import type { Catalog } from "../lib/catalog/types";
import { standInsOf } from "../lib/consul/stand-in";
import type { ImageName } from "../lib/docker/images";
import type { Settings } from "../lib/settings";

/** The images that a catalog needs besides those of every platform: the prober's, and stand-ins that are databases. */
export function furtherImages(settings: Pick<Settings, "workloads">, catalog: Catalog): readonly ImageName[] {
  const standIns = settings.workloads ? standInsOf(catalog).map(({ image }) => image) : [];
  return [...new Set([...(needsProber(catalog.services) ? ["node" as const] : []), ...standIns])].filter(
    (image) => image !== "nginx",
  );
}
