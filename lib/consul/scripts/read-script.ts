import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal";

/** Has a container's program read its secrets again where they changed. */
export const TAKE_ANEW = "take-anew.sh";

/** One of the shell scripts beside this file, ready to be uploaded (`${` in it is the shell's, not Terraform's). */
export function readScript(name: "server-healthy.sh" | "leader-known.sh" | typeof TAKE_ANEW): string {
  return literal(readFileSync(join(__dirname, name), "utf8"));
}
