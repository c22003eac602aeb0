import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal.js";

/** Has a container's program read its secrets again where they changed. */
export const TAKE_ANEW = "take-anew.sh";

/** Runs the shared agent's Consul and the Nginx in front of it. */
export const AGENT = "agent.sh";

/** Keeps a door's audit log bounded. */
export const ROTATE_AUDIT = "rotate-audit.sh";

/** Healthy while the program answers. */
export const ANSWERS = "answers.sh";

type Script =
  | "server-healthy.sh"
  | "leader-known.sh"
  | typeof TAKE_ANEW
  | typeof AGENT
  | typeof ROTATE_AUDIT
  | typeof ANSWERS;

/** One of the shell scripts beside this file, ready to be uploaded (`${` in it is the shell's, not Terraform's). */
export function readScript(name: Script): string {
  return literal(readFileSync(join(import.meta.dirname, name), "utf8"));
}
