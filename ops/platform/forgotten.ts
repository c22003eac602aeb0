import { resolve } from "node:path";
import { keptOf, settle } from "../../lib/settings/in-effect.js";
import { inFile, renderSettings } from "../../lib/settings/settings-yaml.js";
import { KEPT_VARIABLES } from "../../lib/settings/table.js";
import { UserError } from "../../lib/user-error.js";
import { quoted } from "../cli/quoted.js";
import type { UpRecord } from "./up-record.js";

/** A setting that the last `up` had and that neither the environment nor the file has now. */
export interface Forgotten {
  readonly name: string;
  /** What it was set to. */
  readonly was: string;
  /** What it means where it is not set, in the word that sets it to that. */
  readonly means: string;
}

type Variables = Readonly<Record<string, string>>;

/** What is set, and the settings file that may say it. */
interface Given {
  readonly variables: Variables;
  /** @default - none is in use */
  readonly file?: string | undefined;
}

/** Without scheduled backups they say nothing to `up`. */
const OF_SCHEDULED_BACKUPS: readonly string[] = ["ROLLCALL_BACKUP_RECIPIENT", "ROLLCALL_BACKUP_KEEP"];

/**
 * The variables whose absence alone would change what the last `up` applied. One that is set, to whatever, was meant.
 * @param given those that are set now, in the environment or the file
 */
export function forgottenOf(recorded: Variables, given: Variables): readonly Forgotten[] {
  const every = given.ROLLCALL_BACKUP_EVERY ?? recorded.ROLLCALL_BACKUP_EVERY ?? "off";
  return Object.entries(KEPT_VARIABLES).flatMap(([name, means]) => {
    const was = recorded[name];
    if (was === undefined || given[name] !== undefined || isSame(name, was, means)) return [];
    return every === "off" && OF_SCHEDULED_BACKUPS.includes(name) ? [] : [{ name, was, means }];
  });
}

/** One line a variable: its name, what it was, and what it would be. */
export function linesOf(forgotten: readonly Forgotten[]): readonly string[] {
  return forgotten.map(({ name, was, means }) => `${name} was ${was}, and is not set, which means ${means}`);
}

/**
 * For what applies the platform or compares with it.
 * @param record what the last `up` left; of an older platform nothing
 * @param given what is set. @default - as the environment and the settings file have it now
 * @throws UserError with each forgotten variable, how to set it as it was, and how to mean it
 */
export function refuseForgotten(record: UpRecord | undefined, { variables, file }: Given = givenNow()): void {
  const forgotten = forgottenOf(record?.settings ?? {}, variables);
  const [first] = forgotten;
  if (first === undefined) return;
  throw new UserError(
    ["Settings of the last `up` are missing:", ...linesOf(forgotten).map((line) => `  ${line}`)].join("\n"),
    (file === undefined ? byVariables(forgotten, first) : byFile(file, forgotten, first)).join("\n"),
  );
}

function givenNow(): Given {
  const settled = settle(process.env);
  return { variables: keptOf(settled), file: settled.file?.file };
}

function byVariables(forgotten: readonly Forgotten[], { name, means }: Forgotten): readonly string[] {
  return [
    "To keep them, set them again:",
    ...forgotten.map(({ name, was }) => `  export ${name}=${quoted(was)}`),
    "Or have `npx rollcall settings --write` write them into rollcall.yaml.",
    `If you mean to give one up, say so: export ${name}=${means}`,
  ];
}

function byFile(file: string, forgotten: readonly Forgotten[], { name, means }: Forgotten): readonly string[] {
  const lines = (variables: Variables) => renderSettings(inFile(variables)).map((line) => `  ${line}`);
  return [
    `To keep them, add them to ${file}:`,
    ...lines(Object.fromEntries(forgotten.map(({ name, was }) => [name, was]))),
    "If you mean to give one up, write its default there:",
    ...lines({ [name]: means }),
  ];
}

function isSame(name: string, one: string, other: string): boolean {
  return one === other || (name === "ROLLCALL_CATALOG" && resolve(one) === resolve(other));
}
