import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal";

/** Has a container's program read its secrets again where they changed. */
export const TAKE_ANEW = "take-anew.sh";

/** Runs the shared agent's Consul and the Nginx in front of it. */
export const AGENT = "agent.sh";

/** One of the shell scripts beside this file, ready to be uploaded (`${` in it is the shell's, not Terraform's). */
export function readScript(name: "server-healthy.sh" | "leader-known.sh" | typeof TAKE_ANEW | typeof AGENT): string {
  return literal(readFileSync(join(__dirname, name), "utf8"));
}
