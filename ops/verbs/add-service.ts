import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isMapping } from "../../lib/catalog/explain.js";
import { teamName } from "../../lib/catalog/fields.js";
import { onOneLine } from "../../lib/catalog/flow-style.js";
import { entryOf, type NewService } from "../../lib/catalog/new-service.js";
import { CatalogError } from "../../lib/catalog/problem.js";
import { type Draft, displayed, readCatalog, readTeamFiles } from "../../lib/catalog/read-catalog.js";
import type { TeamFile } from "../../lib/catalog/team-file.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { withService } from "../../lib/catalog/with-service.js";
import { parseYaml } from "../../lib/catalog/yaml-source.js";
import { nearest } from "../../lib/nearest-word.cjs";
import { printableLines } from "../../lib/printable.js";
import { replaceFile } from "../../lib/replace-file.js";
import { readCatalogFolder } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { writeKnownNames } from "../cli/known-names.js";

/** A service that was added to the catalog. */
export interface AddedService {
  readonly name: string;
  readonly team: string;
  /** The team's file, relative to the working directory where it lies below it. */
  readonly file: string;
  /** The line on which the service begins, from 1. */
  readonly line: number;
  /** What was written: one line, or several where the file has its services as blocks. */
  readonly added: string;
  /** Whether the file was made for it. */
  readonly isNewFile: boolean;
}

/**
 * `rollcall add service NAME --team T --port N …`: writes the service into its team's file, behind the last one and in
 * the style of its neighbours. All else in the file stays byte for byte. The whole catalog is judged first, and nothing
 * is written where it would have a mistake.
 * @param folder the catalog folder
 * @param project the folder below which the names for shell completion are written
 * @throws UserError for an unknown team, and with the words of `catalog lint` for every mistake
 */
export function addService(wanted: NewService, folder: string, project: string = process.cwd()): AddedService {
  const files = readTeamFiles(folder);
  const own = files.find(({ team }) => team?.what === wanted.team);
  if (own === undefined && wanted.newTeam !== true) throw unknownTeam(wanted.team, folder, files);
  const { path, mark, before, isNewFile } = own === undefined ? newFile(wanted.team, folder) : fileOf(own);
  const { value } = parseYaml(path, before).source ?? {};
  const made = withService(before, wanted.name, entryOf(wanted, teamCheckOf(value)));
  // A file that is no YAML can have nothing added, and what is wrong with it is told instead.
  if (made === undefined) throw mistakesNow(folder) ?? unusual(path);
  const judged = judge(folder, { name: basename(path), text: made.text });
  if (judged instanceof CatalogError) throw mistakesNow(folder) ?? refused(path, made.line, made.added, judged);
  write(path, mark + before, mark + made.text, isNewFile);
  writeKnownNames(judged, project);
  const { line, added } = made;
  return { name: wanted.name, team: wanted.team, file: path, line, added, isNewFile };
}

/** `rollcall add service`: adds one to the catalog of this project. @throws UserError as `addService` does */
export async function add(wanted: NewService): Promise<number> {
  console.log(printableLines(renderAdded(addService(wanted, readCatalogFolder()))));
  return 0;
}

/** Where the new service stands, its lines, and what comes next. */
export function renderAdded({ file, line, added, isNewFile }: AddedService): string {
  const lines = added.split("\n").map((each) => `  ${each.trimEnd()}`);
  return [
    `Added to ${file}:${line}${isNewFile ? " (a new file)" : ""}:`,
    ...lines,
    "`npx rollcall diff` shows what `npx rollcall up` would change.",
  ].join("\n");
}

interface TeamText {
  readonly path: string;
  /** The byte order mark, where the file begins with one. */
  readonly mark: string;
  readonly before: string;
  readonly isNewFile: boolean;
}

function fileOf({ file }: TeamFile): TeamText {
  const { mark, text } = readText(file);
  return { path: file, mark, before: text, isNewFile: false };
}

function readText(file: string) {
  const whole = readFileSync(file, "utf8");
  const mark = whole.startsWith("\ufeff") ? "\ufeff" : "";
  return { mark, text: whole.slice(mark.length) };
}

/** @throws UserError for a name that no team may have, and where the file's name is taken by another team's */
function newFile(team: string, folder: string): TeamText {
  const wants = teamName.safeParse(team).error?.issues[0]?.message;
  if (wants !== undefined) throw new UserError(`team is ${JSON.stringify(team)}`, `Write ${wants}.`);
  const path = join(displayed(folder), `${team}.yaml`);
  if (existsSync(path))
    throw new UserError(`${path} is there already, and is not the file of the team ${team}`, "Rename that file.");
  const schema = existsSync(join(folder, SCHEMA)) ? `# yaml-language-server: $schema=./${SCHEMA}\n` : "";
  return { path, mark: "", before: `${schema}team: ${onOneLine(team)}\n`, isNewFile: true };
}

/** Editors check the files by it. */
const SCHEMA = "catalog.schema.json";

function teamCheckOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const defaults = isMapping(value) ? value.defaults : undefined;
  const check = isMapping(defaults) ? defaults.check : undefined;
  return isMapping(check) ? check : undefined;
}

function judge(folder: string, draft?: Draft): Catalog | CatalogError {
  try {
    return readCatalog(folder, draft);
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
}

/** The mistakes that the catalog has without the new service; undefined where it has none. */
function mistakesNow(folder: string): UserError | undefined {
  const now = judge(folder);
  if (!(now instanceof CatalogError)) return undefined;
  return new UserError(
    `The catalog has mistakes already, so nothing was added:\n${now.message}`,
    "Correct them first. docs/catalog.md describes every field of the catalog.",
  );
}

function refused(path: string, line: number, added: string, { message }: CatalogError): UserError {
  const shown = added.split("\n").map((each, index) => `  ${path}:${line + index}: ${each.trim()}`);
  return new UserError(
    ["Nothing was written, because the catalog would have a mistake with the new service:", ...shown, message].join(
      "\n",
    ),
    "Correct the options and run this again.",
  );
}

function unusual(path: string): UserError {
  return new UserError(
    `${path} is laid out in a way to which a service cannot be added without changing other lines`,
    "Add the service to the file in your editor. docs/catalog.md describes every field.",
  );
}

function unknownTeam(team: string, folder: string, files: readonly TeamFile[]): UserError {
  const broken = mistakesNow(folder);
  if (broken !== undefined) return broken;
  const teams = files.flatMap((file) => file.team?.what ?? []);
  const meant = nearest(team, teams);
  return new UserError(
    `The catalog has no team ${JSON.stringify(team)}`,
    `${meant === undefined ? `Its teams are ${teams.join(", ")}.` : `Did you mean ${meant}?`} \`--new-team\` makes a file for a new team.`,
  );
}

/** @throws UserError where the file is no longer as it was read, or cannot be written */
function write(path: string, before: string, after: string, isNewFile: boolean): void {
  const isSame = isNewFile ? !existsSync(path) : readFileSync(path, "utf8") === before;
  if (!isSame)
    throw new UserError(`${path} was changed by somebody else meanwhile, so nothing was written`, "Run this again.");
  replaceFile(path, after);
}
