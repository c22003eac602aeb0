import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Settings } from "../lib/settings";
import { type SynthesizedStack, synthesize } from "./synthesize";
import type { Terraform } from "./terraform";

/** The most servers that a platform can have (`ROLLCALL_SERVERS`). */
const MOST_SERVERS = 5;

const EXTENSION = ".tfstate";

/**
 * The state of each stack that was applied, by the stack's name; secrets included, so for memory alone. Of a local
 * backend also the state of a stack that the settings no longer ask for.
 */
export async function readStates(
  settings: Settings,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<ReadonlyMap<string, string>> {
  const found =
    settings.backend === "local"
      ? localStates(settings.stateFolder)
      : await Promise.all(stacks.map(async ({ name, folder }) => [name, await terraform.state(folder)] as const));
  return new Map(found.filter(([, state]) => holdsAnything(state)));
}

/** What a backend other than the local one holds of the platform is emptied: `down` has removed what it tells of. */
export async function emptyStates(settings: Settings, terraform: Terraform): Promise<void> {
  const stacks = synthesize({ ...settings, servers: MOST_SERVERS }, { teams: [], services: [], dynamic: [] });
  for (const [name, state] of await readStates(settings, terraform, stacks)) {
    const folder = stacks.find((stack) => stack.name === name)?.folder;
    const held = stateSchema.parse(JSON.parse(state));
    const empty = { ...held, serial: held.serial + 1, outputs: {}, resources: [], check_results: null };
    if (folder !== undefined) await terraform.pushState(folder, JSON.stringify(empty));
  }
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

function localStates(folder: string): readonly (readonly [string, string])[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => [file.slice(0, -EXTENSION.length), readFileSync(join(folder, file), "utf8")]);
}
