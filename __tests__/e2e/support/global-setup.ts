import { join } from "node:path";
import { freePlaces, freshClone } from "../../../dev/fresh-clone.js";
import { INVENTORY_VARIABLE, inventory, KEPT_VARIABLE, PLATFORMS_VARIABLE, type TestPlatform } from "./platform.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/**
 * Makes a fresh clone for each of Jest's workers, and finds it a place where it touches no other platform. The first file
 * of a worker that needs the platform brings it up (`each-file.ts`).
 */
export default async function setup({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> {
  const kept = process.env[KEPT_VARIABLE];
  if (kept) {
    process.env[PLATFORMS_VARIABLE] = `[${kept}]`;
    return;
  }
  process.env[INVENTORY_VARIABLE] = JSON.stringify(await inventory());
  const platforms: TestPlatform[] = [];
  // The first one installs its packages, as a person's does.
  for (const place of await freePlaces(maxWorkers))
    platforms.push({ folder: await freshClone(ROOT, { hasPackages: platforms.length > 0 }), ...place });
  process.env[PLATFORMS_VARIABLE] = JSON.stringify(platforms);
}
