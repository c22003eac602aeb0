import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { cannotRun } from "../../../lib/cannot-run.js";
import { CatalogError } from "../../../lib/catalog/problem.js";
import { isCatalogFile, readCatalog } from "../../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { CommandFailed, run } from "../../../lib/process.js";
import { UserError } from "../../../lib/user-error.js";

const COMPARE_WITH_ANOTHER = "Compare with a commit that `up` would take.";

/** The remedy where the mistakes are of the change itself. */
export const CORRECT_THEM = "Correct them: `npx rollcall catalog lint` tells them too.";

/**
 * The catalog folder as it was at a commit; without services where it was not there yet.
 * @param remedy what to do about mistakes that the catalog had there
 * @throws UserError where git does not know the ref, or the catalog had mistakes there
 */
export async function catalogAt(ref: string, folder: string, remedy = COMPARE_WITH_ANOTHER): Promise<Catalog> {
  const git = (...args: string[]) => run("git", ["-C", resolve(folder), ...args]);
  let commit: string;
  try {
    commit = (await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`)).stdout.trim();
  } catch (error) {
    if (!(error instanceof CommandFailed) || cannotRun(error) !== undefined) throw error;
    if (/dubious ownership/.test(error.text))
      throw new UserError(
        `git reads no clone of another user, and ${folder} is in one`,
        `Work in a clone of your own, or trust this one: \`git config --global --add safe.directory ${/safe\.directory (\S+)/.exec(error.text)?.[1] ?? resolve(folder)}\`.`,
      );
    if (/not a git repository/.test(error.text))
      throw new UserError(
        `${folder} is in no clone of git, so nothing can be compared with ${JSON.stringify(ref)}`,
        "Name a catalog that is in one (ROLLCALL_CATALOG).",
      );
    throw new UserError(
      `git knows no commit ${JSON.stringify(ref)} around ${folder}`,
      "Name a branch, a tag or a commit; fetch it first where only part of the history is here.",
    );
  }
  // Relative to the folder that git was called in: `:./` is that folder.
  const listed = (await git("ls-tree", "--name-only", "-z", commit, "./")).stdout.split("\0");
  const files = listed.map((name) => basename(name)).filter(isCatalogFile);
  if (files.length === 0) return { teams: [], services: [], dynamic: [] };
  const home = mkdtempSync(join(tmpdir(), "rollcall-diff-"));
  const copy = join(home, basename(resolve(folder)));
  try {
    mkdirSync(copy);
    for (const name of files) writeFileSync(join(copy, name), (await git("show", `${commit}:./${name}`)).stdout);
    return readCatalog(copy);
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    const message = error.message.replaceAll(`${home}/`, "");
    throw new UserError(`The catalog had mistakes at ${ref}:\n${message}`, remedy);
  } finally {
    rmSync(home, { recursive: true });
  }
}
