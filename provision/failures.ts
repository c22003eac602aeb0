import { cannotRun } from "../lib/cannot-run.js";
import { hasCode } from "../lib/error-code.js";
import { CommandFailed } from "../lib/process.js";
import { UserError } from "../lib/user-error.js";
import type { Context } from "./context.js";

const AGAIN = "Run it again: it continues where it stopped.";
// Consul's compile needs 2.5 GiB, the images and providers another one.
const NEEDED_GIB = 4;

const NO_SPACE = /no space left on device|ENOSPC|not enough free space|don't have enough free space/i;

const NO_NETWORK =
  /no such host|could not connect to|dial tcp|i\/o timeout|TLS handshake|connection (refused|reset|timed out)|network is unreachable|temporary failure (in name resolution|resolving)|could not resolve/i;
const NETWORK_FIRST = `Correct the network first (DNS, a firewall, HTTPS_PROXY). ${AGAIN}`;

/** Whether a failed command ran out of disk. */
export function isDiskFull(text: string): boolean {
  return NO_SPACE.test(text);
}

/** More than any sentence of Terraform with an address in it. */
const MOST_LETTERS = 600;

/** The line of a tool's output that says best what went wrong: its last error, else its last line. */
export function lastWord(lines: readonly string[]): string {
  const plain = lines.map((line) => line.replace(/^[│╷╵\s]+/, "").trim()).filter((line) => line !== "");
  // Terraform breaks its lines, and the cause is what it says last.
  const begin = plain.findLastIndex((line) => /^Error: /.test(line));
  if (begin !== -1) return plain.slice(begin).join(" ").slice(0, MOST_LETTERS);
  return (
    plain.findLast((line) => /^(E:|error|fatal|.*\b(failed|cannot|denied|refused)\b)/i.test(line)) ?? plain.at(-1) ?? ""
  );
}

/**
 * The message for a failed step: the cause in one sentence and the remedy. What is no failed command
 * (a mistake of ours) or was interrupted by the person passes through as it is.
 */
export function explain(error: unknown, what: string, remedyWhenMissing = ""): unknown {
  if (error instanceof CommandFailed) {
    if (error.reason === "aborted") return error;
    const stopped = cannotRun(error, remedyWhenMissing);
    if (stopped !== undefined) return new UserError(`${what}: ${stopped.message}`, stopped.remedy);
    if (isDiskFull(error.text)) return noSpace(what);
    const said = lastWord(error.lines);
    const isAway = error.reason === "timeout" || NO_NETWORK.test(error.text);
    return new UserError(
      `${what} failed: ${error.reason === "timeout" ? "no answer in time" : said}`,
      isAway ? NETWORK_FIRST : AGAIN,
    );
  }
  if (hasCode(error, "ENOSPC")) return noSpace(what);
  return error;
}

/** Runs one step; see {@link explain} for what its failure becomes. */
export async function attempt<T>(what: string, work: () => Promise<T>, remedyWhenMissing = ""): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, what, remedyWhenMissing);
  }
}

/** Refuses a cold build that would fill the disk half-way. */
export function requireSpace(context: Pick<Context, "cache">, what: string): void {
  const free = context.cache.freeGiB();
  if (free < NEEDED_GIB) {
    throw new UserError(
      `${what} needs ${NEEDED_GIB} GiB of disk and ${context.cache.folder} has ${free.toFixed(1)} GiB left`,
      "Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.",
    );
  }
}

function noSpace(what: string): UserError {
  return new UserError(`${what} failed: no space is left on the disk`, `Free some space. ${AGAIN}`);
}
