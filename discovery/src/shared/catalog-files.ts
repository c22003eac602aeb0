/**
 * What a file of this name in a catalog's folder is: `read`; `misnamed`, which was meant to be read and is refused; or
 * `other`. Hidden files are none of the catalog's: editors and macOS leave `.#users.yaml` and `._users.yaml` beside the one
 * they are about.
 */
export function kindOfFile(name: string): "read" | "misnamed" | "other" {
  if (name.startsWith(".") || !ENDING.test(name)) return "other";
  return name.endsWith(".yaml") ? "read" : "misnamed";
}

/** Why a misnamed file is not read. */
export const MISNAMED = "only *.yaml files are read";

/** The name under which a misnamed file is read. */
export function rightName(name: string): string {
  return name.replace(ENDING, ".yaml");
}

const ENDING = /\.ya?ml$/i;
