import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Settings } from "../lib/settings";
import { type SynthesizedStack, synthesize } from "./synthesize";
import type { Terraform } from "./terraform";

/** The most servers that a platform can have (`ROLLCALL_SERVERS`). */
export const MOST_SERVERS = 5;

const EXTENSION = ".tfstate";

/**
 * The state of each stack that was applied, by the stack's name; secrets included, so for memory alone. Of a local
 * backend also the state of a stack that the settings no longer ask for.
 */
export async function readStates(
  settings: Pick<Settings, "backend" | "stateFolder">,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<ReadonlyMap<string, string>> {
  const found =
    settings.backend === "local"
      ? await Promise.all(
          localStates(settings.stateFolder).map(
            async ([name, state]) => [name, isEncrypted(state) ? await terraform.decrypted(state) : state] as const,
          ),
        )
      : await storedStates(terraform, stacks);
  return new Map(found.filter(([, state]) => holdsAnything(state)));
}

/**
 * By Terraform, from a backend other than the local one. Whoever comes to a new PostgreSQL first makes what all share, for
 * which Terraform has no lock: two that come at once fail.
 */
async function storedStates(terraform: Terraform, stacks: readonly SynthesizedStack[]) {
  const read = async ({ name, folder }: SynthesizedStack) => [name, await terraform.state(folder)] as const;
  const first = await Promise.all(stacks.slice(0, 1).map(read));
  return [...first, ...(await Promise.all(stacks.slice(1).map(read)))];
}

/** What a backend other than the local one holds of the platform is emptied: `down` has removed what it tells of. */
export async function emptyStates(settings: Settings, terraform: Terraform): Promise<void> {
  for (const stack of everyStack(settings)) await emptyState(terraform, stack);
}

/** The state of a stack that the settings no longer ask for: its file goes, or what another backend holds is emptied. */
export async function forgetState(settings: Settings, terraform: Terraform, name: string): Promise<void> {
  if (settings.backend === "local") {
    for (const file of [`${name}${EXTENSION}`, `${name}${EXTENSION}.backup`])
      rmSync(join(settings.stateFolder, file), { force: true });
    return;
  }
  // In a folder of its own: what the settings ask for stays as it was synthesized.
  const outdir = mkdtempSync(join(tmpdir(), "rollcall-forget-"));
  try {
    const stack = everyStack({ ...settings, outdir }).find((each) => each.name === name);
    if (stack !== undefined) await emptyState(terraform, stack);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Each stack that a platform may have. */
function everyStack(settings: Settings): readonly SynthesizedStack[] {
  return synthesize({ ...settings, servers: MOST_SERVERS }, { teams: [], services: [], dynamic: [] });
}

async function emptyState(terraform: Terraform, { folder }: SynthesizedStack): Promise<void> {
  const state = await terraform.state(folder);
  if (!holdsAnything(state)) return;
  const held = stateSchema.parse(JSON.parse(state));
  const empty = { ...held, serial: held.serial + 1, outputs: {}, resources: [], check_results: null };
  await terraform.pushState(folder, JSON.stringify(empty));
}

const stateSchema = z.looseObject({
  serial: z.number(),
  resources: z.array(z.unknown()),
  outputs: z.record(z.string(), z.unknown()),
});

function holdsAnything(state: string): boolean {
  if (state.trim() === "") return false;
  try {
    const { resources, outputs } = stateSchema.parse(JSON.parse(state));
    return resources.length > 0 || Object.keys(outputs).length > 0;
  } catch {
    // A state that cannot be read is Terraform's to tell of.
    return true;
  }
}

/** Whether OpenTofu encrypted it: then Terraform's fields are in `encrypted_data`. */
function isEncrypted(state: string): boolean {
  try {
    return encryptedSchema.safeParse(JSON.parse(state)).success;
  } catch {
    return false;
  }
}

const encryptedSchema = z.looseObject({ encrypted_data: z.string() });

function localStates(folder: string): readonly (readonly [string, string])[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => [file.slice(0, -EXTENSION.length), readFileSync(join(folder, file), "utf8")]);
}
