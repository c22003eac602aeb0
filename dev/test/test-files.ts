import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { nearest } from "../../lib/nearest-word.cjs";
import type { Env } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";
import { type Declaration, readDeclaration } from "./declaration.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** The folders of tests that need a real Docker: faults and loads that want the machine for themselves are `chaos`. */
export type RealFolder = "e2e" | "chaos";

/** A test file that needs a real Docker. */
export interface RealTestFile extends Declaration {
  readonly folder: RealFolder;
  /** As a person calls it, e.g. `03-catalog`. */
  readonly name: string;
  /** From the root, with `/`. */
  readonly path: string;
}

/** Every such file of a folder, by name, with what it declares. */
export function realTestFiles(folder: RealFolder): readonly RealTestFile[] {
  const names = readdirSync(join(ROOT, "__tests__", folder)).filter((each) => each.endsWith(".test.ts"));
  return names.sort().map((each) => {
    const path = `__tests__/${folder}/${each}`;
    return { ...readDeclaration(join(ROOT, path)), folder, name: each.replace(/\.test\.ts$/, ""), path };
  });
}

/**
 * The files that these words name: by the whole name, or by what it begins with, e.g. `07`.
 * @throws UserError where a word names none
 */
export function filesNamed(words: readonly string[], files: readonly RealTestFile[]): readonly RealTestFile[] {
  const found = new Set(words.flatMap((word) => namedBy(word, files)));
  return files.filter((file) => found.has(file));
}

function namedBy(word: string, files: readonly RealTestFile[]): readonly RealTestFile[] {
  const exact = files.filter(({ name }) => name === word);
  if (exact.length > 0) return exact;
  const begin = files.filter(({ name }) => name.startsWith(word));
  if (begin.length > 0) return begin;
  const names = files.map(({ name }) => name);
  const meant = nearest(word, names) ?? names.find((name) => name.includes(word));
  throw new UserError(
    `There is no test file ${JSON.stringify(word)}`,
    meant === undefined ? `The files are ${names.join(", ")}.` : `Did you mean ${meant}?`,
  );
}

/** What a file asks for, as `NAME` or `NAME=VALUE`, and does not have; undefined where it may run. */
export function asksFor({ asks }: RealTestFile, env: Env = process.env): string | undefined {
  if (asks === undefined) return undefined;
  const [name = "", value] = asks.split("=");
  const isGiven = value === undefined ? Boolean(env[name]) : env[name] === value;
  return isGiven ? undefined : asks;
}

/** A file's name in tables and measurements, e.g. `e2e/03-catalog`, or `discovery/tls` of `discovery/__tests__`. */
export function nameOfTestFile(path: string): string {
  return relative(ROOT, path)
    .split(sep)
    .filter((folder) => folder !== "__tests__")
    .join("/")
    .replace(/\.test\.ts$/, "");
}
