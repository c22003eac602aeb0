import { hostname, userInfo } from "node:os";
import { VERBS_LOG } from "../../lib/consul/nginx/audit.js";
import { AUDIT } from "../../lib/consul/paths.js";
import { PARTS } from "../../lib/platform-names.js";
import { cut, oneLine } from "../../lib/printable.js";
import { type Run, run } from "../../lib/process.js";
import { readSettings } from "../../lib/settings.js";
import type { AuditLine } from "../report/audit-lines.js";
import { isUnknown, resultOf } from "./result.js";

/** A line has a bound; the file is kept bounded by the gateway's health check. */
const LONGEST = 512;

/**
 * Adds a line of what a verb changed to the audit log, in the gateway's volume, also where the verb failed or was ended.
 * Where it cannot be written, that is said, and nothing else comes of it.
 * @param verb its words and options, such as `rotate tokens --finish`
 * @param changes what was changed, in words
 * @param code the verb's exit code
 */
export async function auditVerb(
  verb: string,
  changes: readonly string[],
  code: number,
  runner: Run = run,
): Promise<void> {
  const line = JSON.stringify(verbLine(verb, changes, code));
  const written = await resultOf(() => {
    const gateway = `${readSettings().prefix}${PARTS.gateway}`;
    const args = ["exec", "--interactive", gateway, "/bin/sh", "-c", `cat >>${AUDIT}/${VERBS_LOG}`];
    return runner("docker", args, { input: `${line}\n`, timeoutSeconds: 20 });
  }).catch((error: unknown) => ({ unknown: String(error) }));
  // Where there is no gateway yet, or none any more, there is no log either.
  if (isUnknown(written) && !/No such container/.test(written.unknown))
    console.error(`The audit log has no line of this: ${oneLine(written.unknown, 200)}`);
}

/** Pure but for the clock, and who runs it where. */
export function verbLine(verb: string, changes: readonly string[], code: number): AuditLine {
  return {
    time: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    door: "verb",
    client: cut(`${userName()}@${hostname()}`, 128),
    method: verb,
    path: cut(changes.join("; "), LONGEST),
    status: code,
    accessor: "management",
  };
}

/** Who runs this, for people; a number where the user has no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in a container.
    return String(process.getuid?.() ?? "unknown");
  }
}
