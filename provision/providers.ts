import { chmodSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../lib/process.js";
import { outsideVariable } from "../lib/settings.js";
import { type Cache, keyOf } from "./cache.js";
import type { Context } from "./context.js";
import type { ProviderSource } from "./decisions.js";
import { requireSpace } from "./failures.js";
import { goBuild, moduleKey, requireGo } from "./go.js";
import { fetchProviders } from "./probe.js";
import { PROVIDERS, type Provider } from "./provider-versions.js";

// Under the names by which Terraform and OpenTofu look a provider up; neither is asked for anything.
const HOSTS = ["registry.terraform.io", "registry.opentofu.org"];

/** A Go module that providers are built of. */
export interface Workshop {
  /** Raise it when what is made of the same module changes, by other flags for instance. */
  readonly revision: number;
  readonly what: string;
  readonly folder: string;
  readonly packages: readonly string[];
  readonly aboutSeconds: number;
  readonly providers: readonly Provider[];
}

const isConsul = ({ name }: Provider) => name === "consul";

const WORKSHOPS: readonly Workshop[] = [
  {
    revision: 1,
    what: "Terraform providers docker, random, tls",
    folder: join(import.meta.dirname, "providers"),
    packages: ["tool"],
    aboutSeconds: 250,
    providers: PROVIDERS.filter((provider) => !isConsul(provider)),
  },
  {
    revision: 1,
    what: "Terraform provider consul (our stand-in)",
    folder: join(import.meta.dirname, "terraform-provider-consul"),
    packages: ["."],
    aboutSeconds: 30,
    providers: PROVIDERS.filter(isConsul),
  },
];

/** Another text whenever the mirror's providers are built of something else. */
export function mirrorStamp(): string {
  return WORKSHOPS.map(stampText).join(" ");
}

/** The system that providers run on, as Go and Terraform name it. */
function platform(): { readonly os: string; readonly arch: string } {
  return { os: process.platform, arch: process.arch === "x64" ? "amd64" : process.arch };
}

/** Where Terraform looks for a provider in a mirror of unpacked providers. */
export function mirrorPath(provider: Provider, host: string, { os, arch } = platform()): string {
  const { source, version, binary } = provider;
  return join("mirror", host, source, version, `${os}_${arch}`, `${binary}_v${version}`);
}

/** What makes Terraform take providers from the mirror and from nowhere else. */
export function cliConfig(cache: Pick<Cache, "folder">): string {
  return `disable_checkpoint = true

provider_installation {
  # No "direct": what is not in here fails at once instead of waiting for a registry.
  filesystem_mirror {
    path = ${JSON.stringify(join(cache.folder, "mirror"))}
  }
}
`;
}

const CLI_CONFIG = "terraform.rc";

/** What Terraform's environment needs so that it finds the providers, and looks nothing else up. */
export function terraformEnv(cache: Cache, source: ProviderSource, env: Env = {}): Record<string, string> {
  const common = { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
  if (source === "mirror") return { ...common, TF_CLI_CONFIG_FILE: join(cache.folder, CLI_CONFIG) };
  return {
    ...common,
    TF_PLUGIN_CACHE_DIR: outsideVariable("TF_PLUGIN_CACHE_DIR", env) ?? join(cache.folder, "plugins"),
    // Each stack has a lock file of its own, recreated; without this every stack would download every provider.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1",
  };
}

/** Sees to it that every provider is there, from the source that was decided on. */
export async function provideProviders(context: Context, source: ProviderSource, terraform: string): Promise<void> {
  if (source === "registry") return fetchOnce(context, terraform);
  const missing = WORKSHOPS.filter((workshop) => context.cache.read(stamp(workshop)) !== stampText(workshop));
  if (missing.length > 0) {
    requireSpace(context, "building the Terraform providers");
    await requireGo(context);
    for (const workshop of missing) await build(context, workshop);
  }
  if (context.cache.read(CLI_CONFIG) !== cliConfig(context.cache)) {
    context.cache.write(CLI_CONFIG, cliConfig(context.cache));
  }
}

function stamp({ providers }: Workshop): string {
  return join("stamps", `providers-${providers.map(({ name }) => name).join("-")}`);
}

/** What is noted once a workshop's providers are built; while it says the same, they are not built again. */
export function stampText({ revision, folder, providers }: Workshop): string {
  const key = keyOf(moduleKey(folder), JSON.stringify(providers), JSON.stringify(HOSTS));
  // Stamps are older than revisions.
  return revision === 1 ? key : `r${revision}-${key}`;
}

async function build(context: Context, workshop: Workshop): Promise<void> {
  const { what, folder, packages, aboutSeconds, providers } = workshop;
  const into = context.cache.workFolder(`providers-${providers.length}`);
  await goBuild(context, { what, folder, packages, aboutSeconds, into, flags: ["-trimpath"], os: platform().os });
  for (const provider of providers) {
    const built = join(into, provider.binary);
    chmodSync(built, 0o755);
    for (const host of HOSTS) {
      const path = context.cache.path(mirrorPath(provider, host));
      rmSync(`${path}.tmp`, { force: true });
      linkSync(built, `${path}.tmp`);
      renameSync(`${path}.tmp`, path);
    }
  }
  context.cache.write(stamp(workshop), stampText(workshop));
}

async function fetchOnce(context: Context, terraform: string): Promise<void> {
  const env = terraformEnv(context.cache, "registry", context.env);
  const folder = outsideVariable("TF_PLUGIN_CACHE_DIR", env) ?? context.cache.subfolder("plugins");
  mkdirSync(folder, { recursive: true });
  const there = (provider: Provider) => {
    const { os, arch } = platform();
    const host = HOSTS[terraform.includes("tofu") ? 1 : 0] ?? "";
    return existsSync(join(folder, host, provider.source, provider.version, `${os}_${arch}`));
  };
  if (PROVIDERS.every(there)) return;
  context.report("Terraform providers: downloading");
  await fetchProviders(context, terraform, { ...context.env, ...env });
}
