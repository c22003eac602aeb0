import type { Imports } from "./imports.js";
import type { RealTestFile } from "./test-files.js";

/**
 * The test files that a change can affect. A file in an area is shown by the tests that declare it. Any other is followed
 * by its imports: to the tests that load it, and to the areas whose files do.
 * @param changed paths from the root
 * @param sources every file of the clone, as paths from the root
 */
export function affectedBy(
  changed: readonly string[],
  files: readonly RealTestFile[],
  sources: readonly string[],
  imports: Imports,
): readonly RealTestFile[] {
  const isInAreas = (path: string, { areas }: RealTestFile) => areas.some((area) => isIn(path, area));
  const rest = changed.filter((path) => !files.some((file) => isInAreas(path, file)));
  return files.filter((file) => {
    if (changed.some((path) => path === file.path || isInAreas(path, file))) return true;
    if (rest.length === 0) return false;
    const loaded = imports.closure([file.path, ...sources.filter((path) => isInAreas(path, file))]);
    return rest.some((path) => loaded.has(path));
  });
}

function isIn(path: string, area: string): boolean {
  return path === area || path.startsWith(`${area}/`);
}
