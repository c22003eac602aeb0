import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import type { ImageName } from "../lib/docker/images";
import { imageRef } from "../lib/docker/images";
import { CommandFailed } from "../lib/process";
import type { Context } from "./context";
import { attempt } from "./failures";

/**
 * Labels of what is built here. They are not called `rollcall`: a container inherits its image's labels, and that
 * one says which stack a container belongs to.
 */
const IMAGE_LABEL = "rollcall.image";
const KEY_LABEL = "rollcall.image.key";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How an image's files are made. */
export interface Recipe {
  readonly name: ImageName;
  /** Changes with everything that goes into the image. */
  readonly key: string;
  /** Paths that the image declares as volumes. @default - none */
  readonly volumes?: readonly string[];
  /** Makes the image's files and packs them into that tar file. */
  readonly pack: (context: Context, tar: string) => Promise<void>;
}

/** Which recipe the engine's image of that name was made by; undefined where there is none. */
async function keyInEngine(context: Context, name: ImageName): Promise<string | undefined> {
  const format = `{{index .Config.Labels "${KEY_LABEL}"}}`;
  try {
    const args = ["image", "inspect", "--format", format, imageRef(name, "built")];
    return (await context.run("docker", args)).stdout.trim();
  } catch (error) {
    if (error instanceof CommandFailed && error.reason === "exit" && /no such image/i.test(error.text))
      return undefined;
    throw error;
  }
}

/** The recipes whose image the engine lacks or has from an older recipe. */
export async function outdated(context: Context, recipes: readonly Recipe[]): Promise<Recipe[]> {
  const keys = await attempt("asking Docker for its images", () =>
    Promise.all(recipes.map(({ name }) => keyInEngine(context, name))),
  );
  return recipes.filter(({ key }, index) => keys[index] !== key);
}

/** Where an image's files are kept, so that a fresh engine only imports them. */
export function tarFile(context: Pick<Context, "cache">, { name, key }: Recipe): string {
  return context.cache.path("images", `${name}-${key}.tar`);
}

/** Puts an image into the engine; its files are made first where the cache lacks them. */
export async function provideImage(context: Context, recipe: Recipe): Promise<void> {
  const tar = tarFile(context, recipe);
  if (!existsSync(tar)) {
    const unfinished = `${tar}.tmp`;
    rmSync(unfinished, { force: true });
    await recipe.pack(context, unfinished);
    renameSync(unfinished, tar);
    dropOlder(context, recipe);
  }
  const ref = imageRef(recipe.name, "built");
  context.report(`image ${ref}: importing`);
  const changes = [
    `ENV PATH=${PATH}`,
    'CMD ["/bin/sh"]',
    ...(recipe.volumes ?? []).map((path) => `VOLUME ${path}`),
    `LABEL ${IMAGE_LABEL}=${recipe.name} ${KEY_LABEL}=${recipe.key}`,
  ];
  await attempt(`importing the image ${ref}`, () =>
    context.run("docker", ["import", ...changes.flatMap((change) => ["--change", change]), tar, ref]),
  );
}

function dropOlder(context: Context, recipe: Recipe): void {
  const kept = `${recipe.name}-${recipe.key}.tar`;
  for (const file of readdirSync(context.cache.subfolder("images"))) {
    if (file.startsWith(`${recipe.name}-`) && file !== kept) rmSync(context.cache.path("images", file));
  }
}
