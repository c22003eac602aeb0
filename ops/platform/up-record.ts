import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { StatePlace } from "../../lib/backend/backend.js";
import { writeWhole } from "../../lib/backup/backup-files.js";
import { hasCode } from "../../lib/error-code.js";
import { givenVariables, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { listOwned } from "../docker/docker-host.js";
import { stacksIn } from "../terraform/state-files.js";
import type { Terraform } from "../terraform/terraform.js";
import { readText, writeText } from "../terraform/text-in-state.js";
import { setUpTerraform } from "./tools.js";

/** What the last `up` leaves for the next one. It holds no secret. */
export interface UpRecord {
  /**
   * The `ROLLCALL_…` variables that were set and shape the platform, with the values as they were given. They are
   * written before the first stack is applied: an interrupted run has applied some of them.
   */
  readonly settings: Readonly<Record<string, string>>;
  /** Full ids of this platform's containers when an `up` last finished; empty where none has finished yet. */
  readonly containers: readonly string[];
  /** The stacks that had a state file then. @default - not known: of a database, or an older record */
  readonly stacks?: readonly string[] | undefined;
}

const NAME = "up-record";
const FILE = `${NAME}.json`;

const recordSchema = z.object({
  settings: z.record(z.string(), z.string()),
  containers: z.array(z.string()),
  stacks: z.array(z.string()).optional(),
});

/**
 * What the last `up` left, from the state folder or from the database that holds the state; undefined where there is
 * nothing: no `up` yet, or one of an older commit.
 * @throws UserError where something is there that cannot be read
 */
export async function readRecord(settings: StatePlace, terraform: Terraform): Promise<UpRecord | undefined> {
  return parseRecord(
    settings,
    settings.backend === "local" ? readLocal(settings) : (await readText(settings, terraform, NAME)).text,
  );
}

function parseRecord(settings: StatePlace, text: string | undefined): UpRecord | undefined {
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw unreadable(settings);
  }
}

/** The same, before anything is set up but what reading it takes. */
export async function recordOf(settings: Settings): Promise<UpRecord | undefined> {
  return settings.backend === "local"
    ? parseRecord(settings, readLocal(settings))
    : readRecord(settings, await setUpTerraform(settings));
}

/**
 * Before anything is applied: an interrupted run has applied some of the settings.
 * @param before what `readRecord` gave
 */
export async function recordSettings(
  settings: StatePlace,
  terraform: Terraform,
  before: UpRecord | undefined,
): Promise<void> {
  await writeIfChanged(settings, terraform, before, {
    settings: givenVariables(),
    containers: before?.containers ?? [],
    ...(before?.stacks === undefined ? {} : { stacks: before.stacks }),
  });
}

/** When everything is applied, whether or not each service passes by now. */
export async function recordContainers(settings: StatePlace, terraform: Terraform): Promise<void> {
  const containers = (await listOwned(settings.instance)).filter(({ kind }) => kind === "container");
  const ids = containers.map(({ id }) => id).sort();
  await writeIfChanged(settings, terraform, await readRecord(settings, terraform), {
    settings: givenVariables(),
    containers: ids,
    ...(settings.backend === "local" ? { stacks: stacksIn(settings.stateFolder) } : {}),
  });
}

/** Called before a stack's state is removed on purpose, so that it is not reported as lost. */
export async function forgetStack(settings: StatePlace, terraform: Terraform, stack: string): Promise<void> {
  const before = await readRecord(settings, terraform);
  if (before?.stacks?.includes(stack) !== true) return;
  await writeRecord(settings, terraform, { ...before, stacks: before.stacks.filter((each) => each !== stack) });
}

async function writeIfChanged(
  settings: StatePlace,
  terraform: Terraform,
  before: UpRecord | undefined,
  next: UpRecord,
): Promise<void> {
  if (!isDeepStrictEqual(before, next)) await writeRecord(settings, terraform, next);
}

/** Puts the record where `readRecord` finds it: there whole or not at all. */
export async function writeRecord(settings: StatePlace, terraform: Terraform, record: UpRecord): Promise<void> {
  const text = JSON.stringify(record, undefined, 2);
  if (settings.backend === "local") return writeWhole(settings.stateFolder, FILE, Buffer.from(`${text}\n`));
  await writeText(settings, terraform, NAME, text);
}

/** Removes the record, as `down` does: the next `up` finds nothing. */
export async function removeRecord(settings: StatePlace, terraform: Terraform): Promise<void> {
  if (settings.backend === "local") rmSync(join(settings.stateFolder, FILE), { force: true });
  else if ((await readText(settings, terraform, NAME)).isThere) await writeText(settings, terraform, NAME, undefined);
}

function readLocal({ stateFolder }: StatePlace): string | undefined {
  try {
    return readFileSync(join(stateFolder, FILE), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new UserError(
      `${join(stateFolder, FILE)}, which the last \`up\` wrote, cannot be read (${error instanceof Error ? error.message : error})`,
      "Make it readable for you.",
    );
  }
}

function unreadable({ backend, stateFolder, instance }: StatePlace): UserError {
  const [what, remove] =
    backend === "local"
      ? [join(stateFolder, FILE), `\`rm ${join(stateFolder, FILE)}\``]
      : [
          `The schema ${instance}-${NAME} of the state's database`,
          `\`psql -c 'DROP SCHEMA "${instance}-${NAME}" CASCADE'\``,
        ];
  return new UserError(
    `${what} should hold the settings of the last \`up\`, and is damaged`,
    `Check that every ROLLCALL_… variable of this platform is set, because nothing can be compared now. Then remove it (${remove}): the next \`up\` writes a new one.`,
  );
}
