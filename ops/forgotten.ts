import { resolve } from "node:path";
import { givenVariables } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { KEPT_VARIABLES } from "../lib/variables";
import { quoted } from "./quoted";
import type { UpRecord } from "./up-record";

/** A variable that the last `up` had and that is not set now. */
export interface Forgotten {
  readonly name: string;
  /** What it was set to. */
  readonly was: string;
  /** What it means where it is not set, in the word that sets it to that. */
  readonly means: string;
}

type Variables = Readonly<Record<string, string>>;

/** Without scheduled backups they say nothing to `up`. */
const OF_SCHEDULED_BACKUPS: readonly string[] = ["ROLLCALL_BACKUP_RECIPIENT", "ROLLCALL_BACKUP_KEEP"];

/**
 * The variables whose absence alone would change what the last `up` applied. One that is set, to whatever, was meant.
 * @param given those that are set now
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
 * @throws UserError with each forgotten variable, how to set it as it was, and how to mean it
 */
export function refuseForgotten(record: UpRecord | undefined, given: Variables = givenVariables()): void {
  const forgotten = forgottenOf(record?.settings ?? {}, given);
  const [first] = forgotten;
  if (first === undefined) return;
  throw new UserError(
    ["Settings of the last `up` are missing:", ...linesOf(forgotten).map((line) => `  ${line}`)].join("\n"),
    [
      "To keep them, set them again:",
      ...forgotten.map(({ name, was }) => `  export ${name}=${quoted(was)}`),
      `If you mean to give one up, say so: export ${first.name}=${first.means}`,
    ].join("\n"),
  );
}

function isSame(name: string, one: string, other: string): boolean {
  return one === other || (name === "ROLLCALL_CATALOG" && resolve(one) === resolve(other));
}
