import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ImportedFile, importedFiles } from "../../lib/catalog/imported/files.js";
import { hasCode } from "../../lib/error-code.js";
import { makeFolder } from "../../lib/make-folder.js";
import { printableLines } from "../../lib/printable.js";
import { UserError } from "../../lib/user-error.js";
import { fromStartFolder } from "../cli/start-folder.js";
import { UsageError } from "../cli/usage-error.js";
import { readRegistrations } from "./import/registrations.js";

/** What `catalog import` is asked for. */
export interface ImportOptions {
  /** Consul's address. */
  readonly from: string;
  /** A new or empty folder, relative to where the person stands. */
  readonly to: string;
  /** A file with a token that may read services and nodes. @default - no token */
  readonly tokenFile?: string | undefined;
}

/**
 * `npx rollcall catalog import --from URL --to FOLDER`: writes the catalog files of what a running Consul holds. Asks only
 * for what it reads; the token, where it needs one, comes from a file, so that it is on no command line.
 */
export async function importCatalog(options: ImportOptions): Promise<number> {
  const { from, to, token } = readOptions(options);
  inFolder(to, () => {
    if (existsSync(to) && readdirSync(to).length > 0)
      throw new UserError(`${to} is not empty, and nothing is overwritten`, "Name a new folder with --to.");
  });
  const { registrations, isFiltered } = await readRegistrations(from, token);
  if (registrations.length === 0)
    throw new UserError(
      `${from} holds no service that this token may read`,
      "Give a token that may read services and nodes with --token-file.",
    );
  const files = importedFiles(registrations);
  inFolder(to, () => {
    makeFolder(to);
    for (const { name, text } of files) writeFileSync(join(to, name), text);
  });
  const told = outcome(files, isFiltered);
  console.log(
    printableLines(
      files
        .flatMap((file) => linesOf(to, file))
        .concat(told)
        .join("\n"),
    ),
  );
  return told.length > 0 ? 1 : 0;
}

function linesOf(to: string, { name, services, left, notes }: ImportedFile): readonly string[] {
  return [
    `${join(to, name)}  ${services} services`,
    ...left.map((why) => `  left out  ${why}`),
    ...notes.map((note) => `  to answer  ${note}`),
  ];
}

/** What keeps the files from being what Consul held; [] where nothing does. */
function outcome(files: readonly ImportedFile[], isFiltered: boolean): readonly string[] {
  const left = files.flatMap((file) => file.left).length;
  const notes = files.flatMap((file) => file.notes).length;
  return [
    ...(isFiltered ? ["Consul left out what this token may not read: give one that may with --token-file."] : []),
    ...(left + notes > 0 ? [`${left} left out, ${notes} to answer by hand: docs/migration.md says how.`] : []),
  ];
}

/** @throws UserError where the folder is none, or may not be written to */
function inFolder(folder: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${folder} cannot be used: ${why}`, "Name a folder with --to that is new or empty and yours.");
  }
}

function readOptions({ from, to, tokenFile: file }: ImportOptions) {
  // Not with what it says: there may be a password in it.
  if (from.includes("@"))
    throw new UsageError("--from has a user or a password in it", "Name a file with --token-file.");
  if (!/^https?:\/\/[^/]+\/?$/.test(from)) throw new UsageError(`${from} is no address of a Consul`);
  return {
    from: from.replace(/\/$/, ""),
    to: fromStartFolder(to),
    token: file === undefined ? undefined : readToken(fromStartFolder(file)),
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (hasCode(error, "ENOENT"))
      throw new UserError(`The token's file ${file} is not there`, "Name one that is with --token-file.");
    throw new UserError(
      error instanceof Error ? error.message : String(error),
      "Name a file that you may read with --token-file.",
    );
  }
}
