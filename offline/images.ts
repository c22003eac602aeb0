import { IMAGE_NAMES, type ImageName, type ImageSource } from "../lib/docker/images";
import { UserError } from "../lib/user-error";
import { consulBeforeRecipe } from "./consul-before-image";
import { consulRecipe } from "./consul-image";
import type { Context } from "./context";
import { configuredArchive, type System } from "./debian";
import { debianRecipe } from "./debian-image";
import { pullOfficial } from "./decide";
import { requireSpace } from "./failures";
import { requireGo } from "./go";
import { keptTar, outdated, provideImage, type Recipe } from "./image-store";
import { requireKeyring } from "./keyring";

/**
 * Sees to it that the engine has every image, from the source that was decided on.
 * @param also what this platform needs besides what every one needs
 */
export async function provideImages(
  context: Context,
  source: ImageSource,
  system: System,
  also: readonly ImageName[] = [],
): Promise<void> {
  const names = [...IMAGE_NAMES, ...also];
  if (source === "built") return buildImages(context, system, names);
  const unreachable = await pullOfficial(context, names);
  if (unreachable !== undefined) {
    throw new UserError(
      `the image registry cannot be reached: ${unreachable}`,
      "Run it again when there is a network, or set ROLLCALL_IMAGES=built to build the images here.",
    );
  }
}

/** The Debian packages that an image is made of, where it is not made otherwise. */
const PACKAGES: Readonly<Record<Exclude<ImageName, "consul" | "consul-before">, readonly string[]>> = {
  nginx: ["nginx-light", "libnginx-mod-stream", "libnginx-mod-http-js"],
  node: ["nodejs"],
  postgres: ["postgresql"],
  redis: ["redis-server"],
};

function recipe(name: ImageName, system: System): Recipe {
  if (name === "consul") return consulRecipe();
  if (name === "consul-before") return consulBeforeRecipe();
  const made = debianRecipe(name, PACKAGES[name], system);
  const pack: Recipe["pack"] = async (context, tar) => {
    await requireKeyring(context, configuredArchive(system).suite);
    await made.pack(context, tar);
  };
  return { ...made, pack };
}

async function buildImages(context: Context, system: System, names: readonly ImageName[]): Promise<void> {
  const recipes = names.map((name) => recipe(name, system));
  const missing = await outdated(context, recipes);
  if (missing.some((recipe) => keptTar(context, recipe) === undefined)) {
    if (!system.debian || !system.root) {
      throw new UserError(
        "the image registry cannot be reached, and images can only be built on Debian or Ubuntu, as root",
        "Connect to a network that reaches an image registry, or load the images into Docker yourself.",
      );
    }
    requireSpace(context, "building the images");
    await requireGo(context);
  }
  // Side by side: one compiles while the other one downloads.
  await Promise.all(missing.map((recipe) => provideImage(context, recipe)));
}
