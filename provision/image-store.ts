import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import type { ImageName } from "../lib/docker/images.js";
import { imageRef } from "../lib/docker/images.js";
import { CommandFailed } from "../lib/process.js";
import type { Context } from "./context.js";
import { attempt } from "./failures.js";
import { IMAGE_KEY, type ImageInputs, imageKey, standsFor } from "./image-key.js";

/**
 * Labels of what is built here. They are not called `rollcall`: a container inherits its image's labels, and that
 * one says which stack a container belongs to.
 */
const IMAGE_LABEL = "rollcall.image";
const KEY_LABEL = "rollcall.image.key";

// What every image declares: whoever changes it, or `CMD` below, raises the revision of each recipe.
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How an image's files are made, and what decides whether those that exist still are the ones. */
export interface Recipe extends ImageInputs {
  /** Paths that the image declares as volumes. @default - none */
  readonly volumes?: readonly string[];
  /** Makes the image's files and packs them into that tar file. */
  readonly pack: (context: Context, tar: string) => Promise<void>;
}

/** The key of the engine's image of that name; "" where there is none. */
async function keyInEngine(context: Context, name: ImageName): Promise<string> {
  const format = `{{index .Config.Labels "${KEY_LABEL}"}}`;
  try {
    const args = ["image", "inspect", "--format", format, imageRef(name, "built")];
    return (await context.run("docker", args)).stdout.trim();
  } catch (error) {
    if (error instanceof CommandFailed && error.reason === "exit" && /no such image/i.test(error.text)) return "";
    throw error;
  }
}

/** The recipes whose image the engine lacks or has of other inputs. */
export async function outdated(context: Context, recipes: readonly Recipe[]): Promise<Recipe[]> {
  const keys = await attempt("asking Docker for its images", () =>
    Promise.all(recipes.map(({ name }) => keyInEngine(context, name))),
  );
  return recipes.filter((recipe, index) => !standsFor(keys[index] ?? "", recipe));
}

/** Where an image's files are kept, so that a fresh engine only imports them. */
function tarFile(context: Pick<Context, "cache">, recipe: Recipe): string {
  return context.cache.path("images", `${recipe.name}-${imageKey(recipe)}.tar`);
}

/** An image's files, where the cache has them. Those under an old key get the present one. */
export function keptTar(context: Pick<Context, "cache">, recipe: Recipe): string | undefined {
  const tar = tarFile(context, recipe);
  if (existsSync(tar)) return tar;
  const old = keptFiles(context, recipe.name).find(({ file, key }) => file.endsWith(".tar") && standsFor(key, recipe));
  if (old === undefined) return undefined;
  renameSync(context.cache.path("images", old.file), tar);
  return tar;
}

/** The files of all keys of one image, finished or not. */
function keptFiles(context: Pick<Context, "cache">, name: ImageName): { file: string; key: string }[] {
  return (
    readdirSync(context.cache.subfolder("images"))
      .filter((file) => file.startsWith(`${name}-`))
      .map((file) => ({ file, key: file.slice(name.length + 1).replace(/\.tar(\.tmp)?$/, "") }))
      // `consul-before-…` is not one of `consul`.
      .filter(({ key }) => IMAGE_KEY.test(key))
  );
}

/** Puts an image into the engine; its files are made first where the cache lacks them. */
export async function provideImage(context: Context, recipe: Recipe): Promise<void> {
  const tar = tarFile(context, recipe);
  if (keptTar(context, recipe) === undefined) {
    const unfinished = `${tar}.tmp`;
    rmSync(unfinished, { force: true });
    await recipe.pack(context, unfinished);
    renameSync(unfinished, tar);
    for (const { file, key } of keptFiles(context, recipe.name))
      if (key !== imageKey(recipe)) rmSync(context.cache.path("images", file));
  }
  const ref = imageRef(recipe.name, "built");
  context.report(`image ${ref}: importing`);
  const changes = [
    `ENV PATH=${PATH}`,
    'CMD ["/bin/sh"]',
    ...(recipe.volumes ?? []).map((path) => `VOLUME ${path}`),
    `LABEL ${IMAGE_LABEL}=${recipe.name} ${KEY_LABEL}=${imageKey(recipe)}`,
  ];
  await attempt(`importing the image ${ref}`, () =>
    context.run("docker", ["import", ...changes.flatMap((change) => ["--change", change]), tar, ref]),
  );
}
