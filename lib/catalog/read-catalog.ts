import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { collisions } from "./collisions";
import { isMapping } from "./explain";
import { CatalogError, inOrder, type Problem } from "./problem";
import { readTeamFile, type TeamFile } from "./team-file";
import type { Catalog } from "./types";

/** 1 MiB, some ten thousand services: what is larger is no catalog file. */
export const MAX_BYTES = 1024 * 1024;

/**
 * Whether a file of this name in the catalog folder counts: `*.yaml`, and what was meant to be that, which is refused.
 * Hidden files do not: editors and macOS leave `.#users.yaml` and `._users.yaml` beside the one they are about.
 */
export function isCatalogFile(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !name.startsWith(".");
}

/**
 * Reads the catalog: every `*.yaml` file directly in the folder that is not hidden, in the order of their names.
 * @param folder the folder, absolute or relative to the working directory
 * @throws CatalogError with all mistakes of all files at once
 */
export function readCatalog(folder: string): Catalog {
  const shown = displayed(folder);
  const names = list(folder, shown).filter(isCatalogFile);
  const files = names.filter((name) => name.endsWith(".yaml")).map((name) => read(folder, shown, name));
  const misnamed = names.filter((name) => !name.endsWith(".yaml")).map((name) => notRead(join(shown, name), name));
  const problems = [...misnamed, ...files.flatMap((file) => file.problems), ...collisions(files)];
  if (files.length === 0 && misnamed.length === 0) {
    problems.push(whole(shown, "there is no *.yaml file in the catalog folder", "add one, as docs/catalog.md shows"));
  }
  if (problems.length > 0) throw new CatalogError(inOrder(problems));
  const teams = files.map(({ file, team, services }) => ({
    name: team?.what ?? "",
    file,
    services: services.map(({ what }) => what),
  }));
  return {
    teams,
    services: teams.flatMap(({ services }) => services),
    dynamic: files.flatMap(({ dynamic }) => dynamic.map(({ what }) => what)),
  };
}

function list(folder: string, shown: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const message = `the catalog folder cannot be read (${codeOf(error)})`;
    throw new CatalogError([whole(shown, message, "create it, or correct its name or permissions")]);
  }
}

function read(folder: string, shown: string, name: string): TeamFile {
  const path = join(folder, name);
  const file = join(shown, name);
  const failed = (message: string, remedy: string): TeamFile => ({
    file,
    names: [],
    services: [],
    dynamic: [],
    problems: [whole(file, message, remedy)],
  });
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return failed("this is not a file", "remove it or give it another ending than .yaml");
    if (stat.size > MAX_BYTES) return failed("the file is larger than 1 MiB", "divide it among several teams");
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) return failed("the file is not UTF-8", "save it as UTF-8");
    return readTeamFile(file, new TextDecoder().decode(bytes));
  } catch (error) {
    return failed(`the file cannot be read (${codeOf(error)})`, "correct its permissions or remove it");
  }
}

function notRead(file: string, name: string): Problem {
  return whole(file, "only *.yaml files are read", `rename it to ${name.replace(/\.ya?ml$/i, ".yaml")}`);
}

function whole(file: string, message: string, remedy: string): Problem {
  return { file, line: 1, column: 1, message, remedy };
}

/** Relative to the working directory where it lies below it: short, and what editors and CI can open. */
function displayed(folder: string): string {
  const path = relative(process.cwd(), resolve(folder));
  return path === "" || path.startsWith("..") || isAbsolute(path) ? resolve(folder) : path;
}

function codeOf(error: unknown): string {
  return isMapping(error) && "code" in error ? String(error.code) : String(error);
}
