import { existsSync, readFileSync, rmSync } from "node:fs";
import type { Context } from "./context.js";
import { attempt } from "./failures.js";

/**
 * Removes what steps worked in, by this run and by killed ones. A killed one may have left `/proc` mounted there,
 * which is no folder of ours to empty, and children that still write: what resists stays for the next time.
 */
export async function removeWork(context: Context): Promise<void> {
  const { workFolders } = context.cache;
  if (!existsSync(workFolders)) return;
  for (const path of mountsBelow(workFolders)) await attempt(`unmounting ${path}`, () => context.run("umount", [path]));
  try {
    rmSync(workFolders, { recursive: true, force: true });
  } catch {
    context.report(`${workFolders} is still in use by a run that was killed; it is removed next time`);
  }
}

/** What is mounted below a folder, the innermost first. */
function mountsBelow(folder: string): string[] {
  const table = "/proc/mounts";
  if (!existsSync(table)) return [];
  return readFileSync(table, "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()
    .reverse();
}
