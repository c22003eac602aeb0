import { hostname, userInfo } from "node:os";
import { VERBS_LOG } from "../lib/consul/audit";
import { AUDIT } from "../lib/consul/paths";
import { PARTS } from "../lib/platform-names";
import { cut, oneLine } from "../lib/printable";
import { type Run, run } from "../lib/process";
import { readSettings } from "../lib/settings";
import type { Asked } from "./command-line.cjs";
import { isUnknown, known } from "./known";
import type { AuditLine } from "./logs/audit-lines";

/** A line has a bound; the file is kept bounded by the gateway's health check. */
const LONGEST = 512;

/**
 * Adds a line of what a verb changed to the audit log, in the gateway's volume, also where the verb failed or was ended.
 * Where it cannot be written, that is said, and nothing else comes of it.
 * @param changes what was changed, in words
 * @param code the verb's exit code
 */
export async function auditVerb(
  verb: string,
  asked: Asked,
  changes: readonly string[],
  code: number,
  runner: Run = run,
): Promise<void> {
  const line = JSON.stringify(verbLine(verb, asked, changes, code));
  const written = await known(() => {
    const gateway = `${readSettings().prefix}${PARTS.gateway}`;
    const args = ["exec", "--interactive", gateway, "/bin/sh", "-c", `cat >>${AUDIT}/${VERBS_LOG}`];
    return runner("docker", args, { input: `${line}\n`, timeoutSeconds: 20 });
  }).catch((error: unknown) => ({ unknown: String(error) }));
  // Where there is no gateway yet, or none any more, there is no log either.
  if (isUnknown(written) && !/No such container/.test(written.unknown))
    console.error(`The audit log has no line of this: ${oneLine(written.unknown, 200)}`);
}

/** Pure but for the clock, and who runs it where. */
export function verbLine(verb: string, asked: Asked, changes: readonly string[], code: number): AuditLine {
  const flags = [...asked.flags].filter((flag) => flag !== "yes").map((flag) => `--${flag}`);
  return {
    time: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    door: "verb",
    client: cut(`${userName()}@${hostname()}`, 128),
    method: [verb, asked.action, ...flags].filter(Boolean).join(" "),
    path: cut(changes.join("; "), LONGEST),
    status: code,
    accessor: "management",
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in a container.
    return String(process.getuid?.() ?? "unknown");
  }
}
