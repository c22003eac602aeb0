import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed } from "../../lib/process.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { type SynthesizedStack, synthesize } from "../platform/synthesize.js";
import { forgetStack } from "../platform/up-record.js";
import { type BrokenState, brokenIn, LOST_STATE, readStateFiles, refuseBroken, stateFileOf } from "./state-files.js";
import { holdsAnything, type Reading, readingOf, type State } from "./state-text.js";
import type { Terraform } from "./terraform.js";

/** The most servers that a platform can have (`ROLLCALL_SERVERS`). */
export const MOST_SERVERS = 5;

/** Every state of a platform, as it was read. Secrets included, so for memory alone. */
export interface States {
  /** Of each stack that was applied, its text, by the stack's name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The same, parsed. */
  readonly states: ReadonlyMap<string, State>;
  /** States that cannot be used. While there are any, it is unknown what belongs to the platform. */
  readonly broken: readonly BrokenState[];
}

/**
 * The state of each stack that was applied, by the stack's name; secrets included, so for memory alone. Of a local
 * backend also the state of a stack that the settings no longer ask for.
 * @throws UserError where one cannot be used, with the way to get it back
 */
export async function readStates(
  settings: Pick<Settings, "backend" | "stateFolder">,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<ReadonlyMap<string, string>> {
  const { texts, broken } = await readEveryState(settings, terraform, stacks);
  refuseBroken(broken);
  return texts;
}

/** Every state, each read to its end. @throws UserError where one is encrypted and cannot be decrypted */
export async function readEveryState(
  settings: Pick<Settings, "backend" | "stateFolder">,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<States> {
  const local = settings.backend === "local" ? readStateFiles(settings.stateFolder) : [];
  const whole = local.filter(({ reading }) => reading.kind !== "damaged");
  const found =
    settings.backend === "local"
      ? await Promise.all(
          whole.map(
            async ({ stack, file, text, reading }) =>
              [stack, reading.kind === "encrypted" ? await decrypted(terraform, file, text) : text] as const,
          ),
        )
      : await storedStates(terraform, stacks);
  const read = found.map(([stack, text]) => ({ stack, text, reading: readingOf(text) }));
  const applied = read.flatMap(({ stack, text, reading }) =>
    reading.kind === "state" && holdsAnything(reading.state) ? [{ stack, text, state: reading.state }] : [],
  );
  const stored = read.flatMap(({ stack, reading }) =>
    reading.kind === "damaged" || reading.kind === "encrypted" ? [unusable(stack, reading)] : [],
  );
  return {
    texts: new Map(applied.map(({ stack, text }) => [stack, text])),
    states: new Map(applied.map(({ stack, state }) => [stack, state])),
    broken: [...brokenIn(local), ...stored],
  };
}

/** What Terraform gives that is no state. */
function unusable(stack: string, reading: Reading): BrokenState {
  const why = reading.kind === "damaged" ? reading.why : "is encrypted";
  return {
    stack,
    what: `the state of the stack ${stack}, as Terraform gives it, ${why}`,
    remedy: `Restore the database that holds it, or take the state from a backup (${LOST_STATE}).`,
  };
}

async function decrypted(terraform: Terraform, file: string, text: string): Promise<string> {
  try {
    return await terraform.decrypted(text);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(
      `${file} is encrypted and cannot be decrypted`,
      'Use OpenTofu (ROLLCALL_TERRAFORM=tofu) with TF_ENCRYPTION as it was when it was written: docs/security.md, "The state at rest".',
    );
  }
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
  for (const stack of await everyStack(settings)) await emptyState(terraform, stack);
}

/** The state of a stack that the settings no longer ask for: its file goes, or what another backend holds is emptied. */
export async function forgetState(settings: Settings, terraform: Terraform, name: string): Promise<void> {
  await forgetStack(settings, terraform, name);
  if (settings.backend === "local") {
    const file = stateFileOf(settings.stateFolder, name);
    for (const each of [file, `${file}.backup`]) rmSync(each, { force: true });
    return;
  }
  // In a folder of its own: what the settings ask for stays as it was synthesized.
  const outdir = mkdtempSync(join(tmpdir(), "rollcall-forget-"));
  try {
    const stack = (await everyStack({ ...settings, outdir })).find((each) => each.name === name);
    if (stack !== undefined) await emptyState(terraform, stack);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Each stack that a platform may have. */
function everyStack(settings: Settings): Promise<readonly SynthesizedStack[]> {
  return synthesize({ ...settings, servers: MOST_SERVERS }, { teams: [], services: [], dynamic: [] });
}

async function emptyState(terraform: Terraform, { folder }: SynthesizedStack): Promise<void> {
  const reading = readingOf(await terraform.state(folder));
  if (reading.kind !== "state" || !holdsAnything(reading.state)) return;
  const { state } = reading;
  const empty = { ...state, serial: state.serial + 1, outputs: {}, resources: [], check_results: null };
  await terraform.pushState(folder, JSON.stringify(empty));
}
