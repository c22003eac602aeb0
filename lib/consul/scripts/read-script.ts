import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal";

/** One of the shell scripts beside this file, ready to be uploaded (`${` in it is the shell's, not Terraform's). */
export function readScript(name: "server-healthy.sh" | "leader-known.sh"): string {
  return literal(readFileSync(join(__dirname, name), "utf8"));
}
