import type { Catalog } from "../../lib/catalog/types.js";
import type { Settings } from "../../lib/settings.js";
import { Cache } from "../../provision/cache.js";
import { readDecisions } from "../../provision/decisions.js";
import { type PrepareOptions, prepare, prepareProviders } from "../../provision/prepare.js";
import { furtherImages } from "../../stacks/further-images.js";
import { interruption } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";
import { dockerHostOfContext } from "../docker/docker-host.js";
import { Terraform } from "../terraform/terraform.js";

/** What is there already is found within this time; work that takes longer is shown. */
const QUIET_MS = 2_000;

/** Everything a verb needs to change the platform: its settings with the sources decided, and Terraform. */
export interface Tools {
  readonly settings: Settings;
  readonly terraform: Terraform;
  /** What `npx rollcall env` exports. */
  readonly exports: Readonly<Record<string, string>>;
}

/** Sets up what is missing (engine, images that the platform of this catalog needs, providers); quick when nothing is. */
export async function setUp(settings: Settings, catalog: Catalog): Promise<Tools> {
  await new Terraform(settings.terraform, process.env).requireInstalled();
  const alsoImages = furtherImages(settings, catalog);
  const prepared = await prepare({ ...optionsOf(settings, report), alsoImages });
  return tools({ ...settings, images: prepared.images, providers: prepared.providers }, prepared.terraformEnv);
}

/** Terraform alone, for verbs that only read what is applied: no engine, no image, and no word where all is there. */
export async function setUpTerraform(settings: Settings): Promise<Terraform> {
  await new Terraform(settings.terraform, process.env).requireInstalled();
  const begun = Date.now();
  const { terraformEnv } = await prepareProviders(
    optionsOf(settings, (line) => {
      if (Date.now() - begun > QUIET_MS) report(line);
    }),
  );
  return new Terraform(settings.terraform, { ...process.env, ...terraformEnv });
}

/** Terraform with everything decided, for verbs that plan: starts no engine and fetches no image. */
export async function setUpToPlan(settings: Settings): Promise<Tools> {
  await new Terraform(settings.terraform, process.env).requireInstalled();
  const { providers, terraformEnv } = await prepareProviders(optionsOf(settings, report));
  const { images } = readDecisions(new Cache(settings.cacheFolder));
  return tools({ ...settings, images: settings.images ?? images?.choice, providers }, terraformEnv);
}

function optionsOf(settings: Settings, report: (line: string) => void): PrepareOptions {
  return {
    env: process.env,
    report,
    cacheFolder: settings.cacheFolder,
    images: settings.images,
    providers: settings.providers,
    engine: settings.engine,
    terraform: settings.terraform,
    signal: interruption,
  };
}

async function tools(settings: Settings, terraformEnv: Readonly<Record<string, string>>): Promise<Tools> {
  const host = await dockerHostOfContext(process.env);
  const exports = {
    ...terraformEnv,
    ...(settings.images === undefined ? {} : { ROLLCALL_IMAGES: settings.images }),
    ...(settings.providers === undefined ? {} : { ROLLCALL_PROVIDERS: settings.providers }),
    ...(host === "" ? {} : { DOCKER_HOST: host }),
  };
  return { settings, exports, terraform: new Terraform(settings.terraform, { ...process.env, ...exports }) };
}
