import { IMAGE_NAMES, type ImageName, type ImageSource } from "../lib/docker/images.js";
import { UserError } from "../lib/user-error.js";
import { consulBeforeRecipe } from "./consul-before-image.js";
import { consulRecipe } from "./consul-image.js";
import type { Context } from "./context.js";
import { configuredArchive, type System } from "./debian.js";
import { type Addition, debianRecipe } from "./debian-image.js";
import { pullOfficial } from "./decide.js";
import { requireSpace } from "./failures.js";
import { requireGo } from "./go.js";
import { keptTar, outdated, provideImage, type Recipe } from "./image-store.js";
import { requireKeyring } from "./keyring.js";
import { BLACKBOX, monitoringRecipe } from "./monitoring-images.js";
import { NODE } from "./node.js";

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

/** The images whose programs are compiled here. */
type CompiledImage = "consul" | "consul-before" | "prometheus" | "alertmanager";

/** The Debian packages that an image is made of, where it is not made otherwise. */
const PACKAGES: Readonly<Record<Exclude<ImageName, CompiledImage>, readonly string[]>> = {
  nginx: ["nginx-light", "libnginx-mod-stream", "libnginx-mod-http-js"],
  // What the Node of npm needs of the release, besides the C library.
  node: ["libstdc++6"],
  postgres: ["postgresql"],
  redis: ["redis-server"],
  blackbox: ["prometheus-blackbox-exporter"],
};

/** What is added to the packages of an image. */
const ADDITIONS: Readonly<Partial<Record<ImageName, Addition>>> = { node: NODE, blackbox: BLACKBOX };

function recipe(name: ImageName, system: System): Recipe {
  if (name === "consul") return consulRecipe();
  if (name === "consul-before") return consulBeforeRecipe();
  if (name === "prometheus" || name === "alertmanager") return monitoringRecipe(name);
  const made = debianRecipe(name, PACKAGES[name], system, ADDITIONS[name]);
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
