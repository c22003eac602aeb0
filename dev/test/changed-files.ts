import { CommandFailed, run } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";

/** What differs in the working tree, and from what. */
export interface Changed {
  /** The commit that the files are compared with. */
  readonly since: string;
  /** Paths from the root, those that are new or gone among them. */
  readonly files: readonly string[];
}

/**
 * The files that differ from a commit, new ones too.
 * @param since the commit; left out, where this branch left the one that it follows, or the last commit
 * @throws UserError where there is no such commit
 */
export async function changedFiles(root: string, since?: string): Promise<Changed> {
  const commit = await commitOf(root, since ?? (await followed(root)));
  const differing = await git(root, "diff", "--name-only", "--no-renames", "-z", commit, "--");
  const untracked = await git(root, "ls-files", "-z", "--others", "--exclude-standard");
  const files = [...differing.split("\0"), ...untracked.split("\0")].filter(Boolean);
  return { since: commit.slice(0, 7), files: [...new Set(files)].sort() };
}

/**
 * The hash of a commit that a person names.
 * @throws UserError where there is none of that name
 */
export async function commitOf(root: string, name: string): Promise<string> {
  try {
    return (await git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`)).trim();
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    throw new UserError(`There is no commit ${JSON.stringify(name)}`, "Name one that `git log` shows.");
  }
}

async function followed(root: string): Promise<string> {
  try {
    return (await git(root, "merge-base", "HEAD", "@{upstream}")).trim();
  } catch (error) {
    if (error instanceof CommandFailed && error.reason === "exit") return "HEAD";
    throw error;
  }
}

async function git(root: string, ...args: readonly string[]): Promise<string> {
  return (await run("git", args, { cwd: root })).stdout;
}
