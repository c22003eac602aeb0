import { join } from "node:path";
import { z } from "zod";
import type { StatePlace } from "../../lib/backend/backend.js";
import { makePrivateFolder } from "../../lib/private-folder.js";
import { CommandFailed } from "../../lib/process.js";
import { notApplied } from "./remedies.js";
import type { Terraform } from "./terraform.js";

const stateSchema = z.looseObject({
  serial: z.number(),
  outputs: z.record(z.string(), z.looseObject({ value: z.unknown() })),
});

/** A state that holds nothing but one text, as an output: what Terraform's backend keeps, it keeps with its own rules. */
export interface TextState {
  /** Whether there is such a state, with or without a text. */
  readonly isThere: boolean;
  /** Undefined where there is none; "" where the state is damaged. */
  readonly text: string | undefined;
}

/** @param name of the state, which no stack has */
export async function readText(settings: StatePlace, terraform: Terraform, name: string): Promise<TextState> {
  const state = await terraform.state(await folderOf(settings, name));
  if (state.trim() === "") return { isThere: false, text: undefined };
  const held = heldIn(state);
  const value = held === undefined ? "" : held.outputs.text?.value;
  return { isThere: true, text: value === undefined || typeof value === "string" ? value : "" };
}

/**
 * @param text undefined takes it away, and leaves a state that is empty
 * @throws UserError where another run writes it now
 */
export async function writeText(settings: StatePlace, terraform: Terraform, name: string, text: string | undefined) {
  const folder = await folderOf(settings, name);
  const first = { version: 4, serial: 0, lineage: `rollcall-${name}`, resources: [] };
  const held = heldIn(await terraform.state(folder)) ?? first;
  const outputs = text === undefined ? {} : { text: { value: text, type: "string" } };
  const next = { ...held, serial: held.serial + 1, outputs, check_results: null };
  try {
    await terraform.pushState(folder, JSON.stringify(next));
  } catch (error) {
    // Of two runs that write at once, the second finds a lock or a newer state.
    if (!(error instanceof CommandFailed && /acquiring the state lock|cannot import state/.test(error.text)))
      throw error;
    throw notApplied(name, "Error acquiring the state lock");
  }
}

/**
 * A folder that has a backend and nothing else. It lies beside the synthesized stacks, which plain cdktf applies: to
 * apply this one would empty it.
 */
async function folderOf(settings: StatePlace, name: string): Promise<string> {
  makePrivateFolder(settings.outdir);
  const { writeFolder } = await import("../../lib/backend/write-folder.js");
  return writeFolder(join(settings.outdir, name), name, settings);
}

function heldIn(state: string): z.infer<typeof stateSchema> | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(state)).data;
  } catch {
    return undefined;
  }
}
