import type { Place } from "../catalog/problem.js";
import { UserError } from "../user-error.js";
import { hasSecretKey } from "./values.js";

/** A mistake in the settings. */
export interface SettingsProblem {
  /** Where it is in the file. @default - in the environment */
  readonly place?: Place | undefined;
  /** What is wrong: a name, and what it is. */
  readonly message: string;
  /** What to do, as a sentence. */
  readonly remedy: string;
}

/** Where something is in a file, as an editor and a terminal open it. */
function at({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/**
 * Refuses all mistakes at once, in the order of their lines.
 * @throws UserError unless there is none
 */
export function refuseProblems(problems: readonly SettingsProblem[]): void {
  const [first, ...more] = [...problems].sort(
    (one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0) || columnOf(one) - columnOf(other),
  );
  if (first === undefined) return;
  if (more.length === 0) throw new UserError(placed(first), first.remedy);
  const lines = [first, ...more].map((each) => `${placed(each)}. ${each.remedy}`);
  throw new UserError(lines.join("\n"), "docs/reference/settings.md describes every setting.");
}

/** A remedy in the catalog's words, for a message that is made of sentences. */
export function asSentence(remedy: string): string {
  return `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`;
}

function columnOf({ place }: SettingsProblem): number {
  return place?.column ?? 0;
}

function placed({ place, message }: SettingsProblem): string {
  return `${place === undefined ? "" : `${at(place)}: `}${message}`;
}

/** A value as a message shows it: cut where it is long. */
export function shown(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.every((each) => typeof each === "string") ? quoted(value.join(",")) : "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? quoted(value) : String(value);
}

function quoted(text: string): string {
  // In the wrong place it is a secret all the same.
  if (hasSecretKey(text)) return "a secret key";
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
