import { type ImageName, imageRef } from "../../../lib/docker/images";
import { readSettings } from "../../../lib/settings";
import { prepare } from "../../../offline/prepare";
import type { Instance } from "./instance";

/** An image that only some catalogs need, made ready as `up` would; gives its name on the Docker host. */
export async function furtherImage(instance: Instance, name: ImageName): Promise<string> {
  const { cacheFolder, images, providers } = readSettings({ ...process.env, ...instance.settings });
  const options = { env: process.env, report: () => {}, cacheFolder, images, providers, alsoImages: [name] };
  return imageRef(name, (await prepare(options)).images);
}
