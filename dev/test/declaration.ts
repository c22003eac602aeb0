import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { extract, parse } from "jest-docblock";
import { nearest } from "../../lib/nearest-word.cjs";
import { UserError } from "../../lib/user-error.js";

const NEEDS = ["platform", "clone", "nothing"] as const;
const COMMANDS = ["test", "test:all"] as const;
const KEYS = ["needs", "areas", "seconds", "command", "asks"] as const;

/** What an end-to-end or chaos file says of itself in the comment at its top. */
export interface Declaration {
  /**
   * `platform`: one that is up, with all 40 services passing. `clone`: a fresh clone to call verbs in, for a platform of
   * its own. `nothing`: neither.
   */
  readonly needs: (typeof NEEDS)[number];
  /** The files and folders whose behaviour it shows, as paths from the root. */
  readonly areas: readonly string[];
  /** How long it takes on two cores, without the platform's `up`. It may take three times as long. */
  readonly seconds: number;
  /** The quickest command that runs it. @default "test" */
  readonly command: (typeof COMMANDS)[number];
  /** A variable, `NAME` or `NAME=VALUE`, without which it does not run: it does something to this machine, or must be told something. */
  readonly asks?: string;
}

/**
 * Reads what a test file declares.
 * @throws UserError where something is missing or unknown
 */
export function readDeclaration(path: string): Declaration {
  return parseDeclaration(readFileSync(path, "utf8"), basename(path));
}

/** @param name the file's, for messages */
export function parseDeclaration(text: string, name: string): Declaration {
  const found = parse(extract(text));
  const unknown = Object.keys(found).find((key) => !isOneOf(key, KEYS));
  if (unknown !== undefined) {
    const meant = nearest(unknown, KEYS);
    throw refused(name, `@${unknown} is not known`, meant === undefined ? "Remove it." : `Did you mean @${meant}?`);
  }
  const seconds = Number(one(found, "seconds", name));
  if (!Number.isInteger(seconds) || seconds < 1)
    throw refused(name, "@seconds is not a whole number above 0", "Measure the file and write what it took.");
  return {
    needs: word(found, "needs", NEEDS, name),
    areas: one(found, "areas", name).split(/\s+/),
    seconds,
    command: found.command === undefined ? "test" : word(found, "command", COMMANDS, name),
    ...(found.asks === undefined ? {} : { asks: one(found, "asks", name) }),
  };
}

type Pragmas = ReturnType<typeof parse>;

function one(found: Pragmas, key: string, name: string): string {
  const value = found[key];
  if (typeof value !== "string" || value === "")
    throw refused(name, `@${key} is missing or there twice`, "Give it once.");
  return value;
}

function word<T extends string>(found: Pragmas, key: string, words: readonly T[], name: string): T {
  const value = one(found, key, name);
  if (!isOneOf(value, words))
    throw refused(name, `@${key} is ${JSON.stringify(value)}`, `It takes ${words.join(", ")}.`);
  return value;
}

function isOneOf<T extends string>(value: string, words: readonly T[]): value is T {
  return words.some((each) => each === value);
}

function refused(name: string, cause: string, remedy: string): UserError {
  return new UserError(`${name}: ${cause} in the comment at its top`, `${remedy} __tests__/e2e/support/README.md`);
}
