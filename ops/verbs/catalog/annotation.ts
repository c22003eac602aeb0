import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { CatalogProblem } from "../../../lib/catalog/problem.js";
import { readGitHubWorkspace } from "../../../lib/settings.js";

/**
 * A mistake as a workflow command, which GitHub shows at its place in a pull request:
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
 * @param level `notice` for what is no mistake
 * @param root the folder of the repository: GitHub knows files by their path in it
 */
export function annotation(
  { file, line, column, message, remedy }: CatalogProblem,
  root: string,
  level: "error" | "notice",
): string {
  const path = relative(root, resolve(file)).split(sep).join("/");
  const properties = { file: path, line: String(line), col: String(column), title: "Service catalog" };
  const given = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(value)}`);
  return `::${level} ${given.join(",")}::${escapedData(`${message}; ${remedy}`)}`;
}

/** Where the repository begins: as GitHub says, else the nearest folder with `.git`, else where we are. */
export function repositoryOf(
  from: string = process.cwd(),
  workspace: string | undefined = readGitHubWorkspace(),
): string {
  if (workspace !== undefined) return resolve(workspace);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return resolve(from);
  }
}

/** As `@actions/core` escapes it. */
function escapedData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
