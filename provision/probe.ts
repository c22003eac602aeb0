import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cannotRunTerraform } from "../lib/cannot-run.js";
import { CommandFailed, type Env } from "../lib/process.js";
import type { Context } from "./context.js";
import type { ProviderSource } from "./decisions.js";
import { explain, isDiskFull, lastWord } from "./failures.js";
import { PROVIDERS, type Provider } from "./provider-versions.js";

// Terraform gives up on a registry after 10 s and tries again once; a network that swallows packets takes that long.
const ANSWER_SECONDS = 45;
const DOWNLOAD_SECONDS = 900;

/** What `terraform init` needs to hear to get these providers. */
export function requiredProviders(providers: readonly Provider[]): string {
  const required = providers.map(({ source, version, name }) => ({ [name]: { source, version } }));
  return JSON.stringify({ terraform: { required_providers: Object.assign({}, ...required) } }, undefined, 2);
}

/** Refuses early where there is no Terraform. */
export async function requireTerraform(context: Context, terraform: string): Promise<void> {
  try {
    await context.run(terraform, ["version"], { env: { ...context.env, CHECKPOINT_DISABLE: "1" } });
  } catch (error) {
    const refusal = error instanceof CommandFailed ? cannotRunTerraform(error, terraform) : undefined;
    throw refusal ?? explain(error, `${terraform} version`);
  }
}

/**
 * Has Terraform fetch one small provider the way this person has configured it, in a folder that is thrown away.
 * A mirror of their own counts as a registry.
 */
export async function probeProviders(
  context: Context,
  terraform: string,
): Promise<{ choice: ProviderSource; why: string }> {
  try {
    await terraformInit(
      context,
      terraform,
      PROVIDERS.filter(({ name }) => name === "tls"),
      context.env,
      ANSWER_SECONDS,
    );
    return { choice: "registry", why: "the Terraform registry answers" };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (error.reason === "aborted" || isDiskFull(error.text)) throw explain(error, "fetching a Terraform provider");
    const said = error.reason === "timeout" ? "no answer in time" : lastWord(error.lines);
    return { choice: "mirror", why: `no Terraform registry: ${said}` };
  }
}

/** Fetches the official providers once into a folder that all stacks share, so that no stack downloads them again. */
export async function fetchProviders(context: Context, terraform: string, env: Env): Promise<void> {
  try {
    await terraformInit(context, terraform, PROVIDERS, env, DOWNLOAD_SECONDS);
  } catch (error) {
    throw explain(error, "downloading the Terraform providers");
  }
}

async function terraformInit(
  context: Context,
  terraform: string,
  providers: readonly Provider[],
  env: Env,
  timeoutSeconds: number,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-init-"));
  try {
    writeFileSync(join(folder, "main.tf.json"), requiredProviders(providers));
    await context.run(terraform, ["init", "-input=false", "-no-color", "-backend=false"], {
      cwd: folder,
      env: { ...env, CHECKPOINT_DISABLE: "1" },
      timeoutSeconds,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
