import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { kindOfFile, MISNAMED, rightName } from "../../discovery/src/shared/catalog-files.js";
import { collisions } from "./collisions.js";
import { isMapping } from "./explain.js";
import { CatalogError, type CatalogProblem, inOrder } from "./problem.js";
import { readTeamFile, type TeamFile } from "./team-file.js";
import type { Catalog } from "./types.js";

/** 1 MiB, some ten thousand services: what is larger is no catalog file. */
export const MAX_BYTES = 1024 * 1024;

/** Whether a file of this name in the catalog folder counts: `*.yaml`, and what was meant to be that, which is refused. */
export function isCatalogFile(name: string): boolean {
  return kindOfFile(name) !== "other";
}

/** A file of the catalog as it would be: judged together with the others, and not written. */
export interface Draft {
  /** The file's name in the catalog folder. */
  readonly name: string;
  /** All that it would say. */
  readonly text: string;
}

/**
 * Reads the catalog: every `*.yaml` file directly in the folder that is not hidden, in the order of their names.
 * @param folder the folder, absolute or relative to the working directory
 * @param draft stands instead of the file of its name, which need not be there; none if left out
 * @throws CatalogError with all mistakes of all files at once
 */
export function readCatalog(folder: string, draft?: Draft): Catalog {
  const shown = displayed(folder);
  const names = namesWith(list(folder, shown), draft);
  const files = ofKind("read", names).map((name) => read(folder, shown, name, draft));
  const misnamed = ofKind("misnamed", names).map((name) =>
    whole(join(shown, name), MISNAMED, `rename it to ${rightName(name)}`),
  );
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

/**
 * The files of the catalog folder, each with what could be read of it, also where the catalog has mistakes.
 * @param folder as for `readCatalog`
 * @throws CatalogError where the folder cannot be read
 */
export function readTeamFiles(folder: string): readonly TeamFile[] {
  const shown = displayed(folder);
  return ofKind("read", list(folder, shown)).map((name) => read(folder, shown, name));
}

function ofKind(kind: ReturnType<typeof kindOfFile>, names: readonly string[]): readonly string[] {
  return names.filter((name) => kindOfFile(name) === kind);
}

function namesWith(names: readonly string[], draft: Draft | undefined): readonly string[] {
  return draft === undefined || names.includes(draft.name) ? names : [...names, draft.name].sort();
}

function list(folder: string, shown: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const message = `the catalog folder cannot be read (${codeOf(error)})`;
    throw new CatalogError([whole(shown, message, "create it, or correct its name or permissions")]);
  }
}

function read(folder: string, shown: string, name: string, draft?: Draft): TeamFile {
  const path = join(folder, name);
  const file = join(shown, name);
  if (draft?.name === name) return readTeamFile(file, draft.text);
  const failed = (message: string, remedy: string): TeamFile => ({
    file,
    names: [],
    services: [],
    dynamic: [],
    problems: [whole(file, message, remedy)],
  });
  let text: string;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return failed("this is not a file", "remove it or give it another ending than .yaml");
    if (stat.size > MAX_BYTES) return failed("the file is larger than 1 MiB", "divide it among several teams");
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) return failed("the file is not UTF-8", "save it as UTF-8");
    text = new TextDecoder().decode(bytes);
  } catch (error) {
    return failed(`the file cannot be read (${codeOf(error)})`, "correct its permissions or remove it");
  }
  return readTeamFile(file, text);
}

function whole(file: string, message: string, remedy: string): CatalogProblem {
  return { file, line: 1, column: 1, message, remedy };
}

/** A path relative to the working directory where it lies below it: short, and what editors and CI can open. */
export function displayed(folder: string): string {
  const path = relative(process.cwd(), resolve(folder));
  return path === "" || path.startsWith("..") || isAbsolute(path) ? resolve(folder) : path;
}

function codeOf(error: unknown): string {
  return isMapping(error) && "code" in error ? String(error.code) : String(error);
}
