import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../../lib/replace-file.js";
import { UserError } from "../../../lib/user-error.js";

/** What an export leaves behind about itself: which files are its own, so that the next one may remove them. */
const MANIFEST = "rollcall-export.json";

const manifestSchema = z.object({ files: z.array(z.string()) });

/** A file that is not what the catalog says. */
export interface Difference {
  readonly path: string;
  readonly what: "missing" | "differs" | "surplus";
}

/** Compares a folder with an export; what a team put there itself is nobody's business. */
export function differencesIn(folder: string, files: ReadonlyMap<string, string>): readonly Difference[] {
  const surplus = ownFiles(folder).filter((path) => !files.has(path) && existsSync(join(folder, path)));
  return [
    ...[...files].flatMap(([path, text]): readonly Difference[] => {
      if (!existsSync(join(folder, path))) return [{ path, what: "missing" }];
      return readFileSync(join(folder, path), "utf8") === text ? [] : [{ path, what: "differs" }];
    }),
    ...surplus.map((path): Difference => ({ path, what: "surplus" })),
  ];
}

/**
 * Writes an export: what differs, and the manifest. What an earlier export wrote and this one has not, goes.
 * @throws UserError where the folder holds files and no export: they might be somebody's
 */
export function writeExport(
  folder: string,
  files: ReadonlyMap<string, string>,
): { readonly written: number; readonly removed: number } {
  const isNew = !existsSync(folder) || readdirSync(folder).length === 0;
  if (!isNew && !existsSync(join(folder, MANIFEST)))
    throw new UserError(
      `${folder} holds files, and no earlier export`,
      "Name a new or empty folder, or one that `npx rollcall monitoring export` wrote.",
    );
  const differences = differencesIn(folder, files);
  const gone = differences.filter(({ what }) => what === "surplus");
  for (const { path } of gone) rmSync(join(folder, path));
  const changed = differences.filter(({ what }) => what !== "surplus");
  for (const { path } of changed) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    replaceFile(join(folder, path), files.get(path) ?? "");
  }
  const manifest = { files: [...files.keys()] };
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return { written: changed.length, removed: gone.length };
}

/** The files of the export that was here last; [] where there was none. */
function ownFiles(folder: string): readonly string[] {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const isSafe = (name: string) => !name.startsWith("/") && !name.split("/").includes("..");
  try {
    return manifestSchema.parse(JSON.parse(text)).files.filter(isSafe);
  } catch {
    throw new UserError(`${path} is not what an export wrote`, "Delete it and the folder, and export into a new one.");
  }
}
