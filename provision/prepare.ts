import type { ImageName, ImageSource } from "../lib/docker/images.js";
import { type Env, run } from "../lib/process.js";
import { outsideVariable } from "../lib/settings.js";
import { Cache } from "./cache.js";
import type { Context } from "./context.js";
import { readSystem, type System } from "./debian.js";
import { decideImages, decideProviders } from "./decide.js";
import type { ProviderSource } from "./decisions.js";
import { type EngineSetting, ensureEngine } from "./engine.js";
import { attempt } from "./failures.js";
import { withLock } from "./lock.js";
import { requireTerraform } from "./probe.js";
import { provideImages } from "./provide-images.js";
import { provideProviders, terraformEnv } from "./providers.js";
import { removeWork } from "./remove-work.js";

export interface PrepareOptions {
  /** The environment that every tool is called with. */
  readonly env: Env;
  /** Shows a line to the person. */
  readonly report: (line: string) => void;
  /** Where what was downloaded or built is kept. */
  readonly cacheFolder: string;
  /** ROLLCALL_IMAGES: overrides what would be decided. */
  readonly images?: ImageSource | undefined;
  /** The images that this platform needs besides what every one needs. @default - none */
  readonly alsoImages?: readonly ImageName[] | undefined;
  /** ROLLCALL_PROVIDERS: overrides what would be decided. */
  readonly providers?: ProviderSource | undefined;
  /** ROLLCALL_ENGINE. @default "auto" */
  readonly engine?: EngineSetting | undefined;
  /** The Terraform or OpenTofu program. @default "terraform" */
  readonly terraform?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the verbs go on with. */
export interface Prepared {
  readonly images: ImageSource;
  readonly providers: ProviderSource;
  /** To be added to the environment of Terraform and cdktf. */
  readonly terraformEnv: Record<string, string>;
}

/** Sees to it that Docker runs and has every image, and that Terraform has every provider; quick when it is so. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  return prepared(options, async (context, system) => {
    await ensureEngine(context, system, options.engine);
    const images = await decideImages(context, options.images);
    await provideImages(context, images, system, options.alsoImages);
    return images;
  });
}

/** The same for Terraform's providers alone, without Docker. */
export async function prepareProviders(options: PrepareOptions): Promise<Omit<Prepared, "images">> {
  const { providers, terraformEnv } = await prepared(options, async () => options.images ?? "official");
  return { providers, terraformEnv };
}

async function prepared(
  options: PrepareOptions,
  prepareImages: (context: Context, system: System) => Promise<ImageSource>,
): Promise<Prepared> {
  const terraform = options.terraform ?? "terraform";
  const cache = new Cache(options.cacheFolder);
  // One part that fails ends the other: nobody waits ten minutes to read of a mistake made in the first second.
  const failed = new AbortController();
  const signals = [failed.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const context: Context = {
    cache,
    env: withoutOurConfig(options.env, cache),
    report: options.report,
    run: (command, args, own = {}) => {
      const signal = AbortSignal.any([...signals, ...(own.signal === undefined ? [] : [own.signal])]);
      return run(command, args, { env: context.env, ...own, signal });
    },
  };
  return withLock(cache.folder, options.report, async () => {
    await removeWork(context);
    const parts = [
      attempt("preparing the images", () => prepareImages(context, readSystem())),
      attempt("preparing the Terraform providers", async () => {
        await requireTerraform(context, terraform);
        const providers = await decideProviders(context, terraform, options.providers);
        await provideProviders(context, providers, terraform);
        return providers;
      }),
    ] as const;
    let first: unknown;
    for (const part of parts) {
      part.catch((error: unknown) => {
        first ??= error;
        failed.abort();
      });
    }
    const [images, providers] = await Promise.allSettled(parts);
    if (images.status === "rejected" || providers.status === "rejected") throw first;
    await removeWork(context);
    return {
      images: images.value,
      providers: providers.value,
      terraformEnv: terraformEnv(cache, providers.value, context.env),
    };
  });
}

/** Somebody who works with the exports of `npx rollcall env` has our mirror configured: that says nothing of a registry. */
function withoutOurConfig(env: Env, cache: Cache): Env {
  const ours = terraformEnv(cache, "mirror").TF_CLI_CONFIG_FILE;
  return outsideVariable("TF_CLI_CONFIG_FILE", env) === ours ? { ...env, TF_CLI_CONFIG_FILE: undefined } : env;
}
