import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { quoted } from "../cli/quoted.js";
import type { Problem } from "../report/problem.js";
import { dockerIdsIn, holdsAnything, type Reading, readingOf, type State } from "./state-text.js";

const EXTENSION = ".tfstate";

/** Where docs/operations.md has every way to get a state back. */
export const LOST_STATE = 'docs/operations.md, "A lost state"';

/** A file of the state folder. */
export interface StateFile {
  readonly stack: string;
  readonly file: string;
  readonly text: string;
  readonly reading: Reading;
  /** Whether an apply of the stack was killed: Terraform's own lock is still there. */
  readonly isCutOff: boolean;
}

/** A state that cannot be used, and the way to get it back. */
export interface BrokenState extends Problem {
  readonly stack: string;
}

/** The file of a stack's state. */
export function stateFileOf(folder: string, stack: string): string {
  return join(folder, `${stack}${EXTENSION}`);
}

/** Every state in the folder, each read to its end. */
export function readStateFiles(folder: string): readonly StateFile[] {
  return stacksIn(folder).map((stack) => readOne(folder, stack));
}

/** The state of one stack, read to its end; undefined where the folder has no file of it. */
export function readStateFile(folder: string, stack: string): StateFile | undefined {
  return existsSync(stateFileOf(folder, stack)) ? readOne(folder, stack) : undefined;
}

/** The stacks that have a state file, by name. */
export function stacksIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
  return names.map((name) => name.slice(0, -EXTENSION.length)).sort();
}

function readOne(folder: string, stack: string): StateFile {
  const file = stateFileOf(folder, stack);
  const isCutOff = existsSync(join(folder, `.${stack}${EXTENSION}.lock.info`));
  const { text, reading } = readWhole(file, isCutOff);
  // Terraform makes an empty file when it takes the lock, and removes that one where it wrote nothing. Before it writes
  // over a state it makes the copy. So nothing in it means that nothing was applied in one case alone.
  const isLost = reading.kind === "none" && (!isCutOff || copyOf(file) !== undefined);
  return { stack, file, text, isCutOff, reading: isLost ? { kind: "damaged", why: "is empty (0 bytes)" } : reading };
}

const WRITES_WITHIN_MS = 200;

/** Terraform writes over a state in place, under its lock: what seems damaged then may be whole a moment later. */
function readWhole(file: string, isLocked: boolean): ReturnType<typeof read> {
  const found = read(file);
  if (!isLocked || found.reading.kind === "state" || found.reading.kind === "encrypted") return found;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITES_WITHIN_MS);
  return read(file);
}

function read(file: string): { readonly text: string; readonly reading: Reading } {
  try {
    const text = readFileSync(file, "utf8");
    return { text, reading: readingOf(text) };
  } catch (error) {
    return {
      text: "",
      reading: { kind: "damaged", why: `cannot be read (${error instanceof Error ? error.message : error})` },
    };
  }
}

/** The copy that Terraform made before the last change of a state; undefined where there is none that holds anything. */
export function copyOf(file: string): Reading | undefined {
  const copy = `${file}.backup`;
  if (!existsSync(copy)) return undefined;
  const { reading } = read(copy);
  const isUseful = reading.kind === "encrypted" || (reading.kind === "state" && holdsAnything(reading.state));
  return isUseful ? reading : undefined;
}

/** The states in the folder that cannot be used. None of a backend other than the local one: its database keeps them whole. */
export function brokenStates({
  backend,
  stateFolder,
}: Pick<Settings, "backend" | "stateFolder">): readonly BrokenState[] {
  return backend === "local" ? brokenIn(readStateFiles(stateFolder)) : [];
}

/** Those of these files that cannot be used. */
export function brokenIn(files: readonly StateFile[]): readonly BrokenState[] {
  return files.flatMap(({ stack, file, reading }) =>
    reading.kind === "damaged"
      ? [{ stack, what: `the state of the stack ${stack}, ${file}, ${reading.why}`, remedy: wayBack(file) }]
      : [],
  );
}

/**
 * @param end what else is to be said, such as that nothing was changed. @default - nothing
 * @throws UserError where states cannot be used, with the way to get each back
 */
export function refuseBroken(broken: readonly BrokenState[], end = ""): void {
  if (broken.length === 0) return;
  const all = broken.map(({ what }) => what).join("; ");
  throw new UserError(
    `${all.charAt(0).toUpperCase()}${all.slice(1)}${end}`,
    broken.map(({ remedy }) => remedy).join(" "),
  );
}

/**
 * How the state in this file is got back.
 * @param wanted ids of which it must know one. @default - any state will do
 */
export function wayBack(file: string, wanted: readonly string[] = []): string {
  const copy = copyOf(file);
  const known = copy?.kind === "state" ? dockerIdsIn([copy.state]) : undefined;
  const fits = wanted.length === 0 || known === undefined || wanted.some((id) => known.has(id));
  const elsewhere = `take the state from a backup (${LOST_STATE}).`;
  if (!existsSync(`${file}.backup`)) return `Terraform made no copy of it (${file}.backup): ${elsewhere}`;
  if (copy === undefined) return `Terraform's copy, ${file}.backup, holds nothing either: ${elsewhere}`;
  if (!fits) return `Terraform's copy, ${file}.backup, does not have it either: ${elsewhere}`;
  const holds = copy.kind === "state" ? `holds ${resourcesOf(copy.state)}` : "is whole, and encrypted";
  return (
    `Terraform's copy from before the last change ${holds}: \`cp ${quoted(`${file}.backup`)} ${quoted(file)}\`, then ` +
    `\`npx rollcall diff\`. Or ${elsewhere}`
  );
}

function resourcesOf({ resources }: State): string {
  return resources.length === 1 ? "1 resource" : `${resources.length} resources`;
}
