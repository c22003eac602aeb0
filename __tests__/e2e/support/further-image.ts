import { type ImageName, imageRef } from "../../../lib/docker/images.js";
import { readSettings } from "../../../lib/settings.js";
import { prepare } from "../../../provision/prepare.js";

/**
 * An image that only some catalogs need, made ready as `up` would; gives its name on the Docker host.
 * @param env the settings of the platform that it is for
 */
export async function furtherImage(name: ImageName, env: Readonly<Record<string, string>>): Promise<string> {
  const { cacheFolder, images, providers } = readSettings({ ...process.env, ...env });
  const options = { env: process.env, report: () => {}, cacheFolder, images, providers, alsoImages: [name] };
  return imageRef(name, (await prepare(options)).images);
}
