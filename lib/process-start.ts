import { readFileSync } from "node:fs";
import { hasCode } from "./error-code.js";
import { CommandFailed, run } from "./process.js";

/**
 * Whether the process that has this number now is the one that started then. A number alone does not tell: the system
 * gives it to another process after a reboot, or when all numbers were used once.
 * @param started what `startOf` said of it; "" where that could not be told, then the number alone decides
 */
export async function isSameProcess(pid: number, started: string): Promise<boolean> {
  if (!isThere(pid)) return false;
  const now = await startOf(pid);
  return now === undefined || started === "" || now === started;
}

/**
 * When a process started, as one word that no other process of this machine with its number ever has: on Linux the boot
 * and the clock tick since then, elsewhere the second that `ps` names. "gone" where there is none, or only the rest of one
 * that ended and that nobody has collected; undefined where the system does not tell.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (readIfThere("/proc/self/stat") === undefined) return startByPs(pid);
  // The second word is the program's name in brackets, which may hold spaces and brackets itself.
  const words = readIfThere(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  // A process of somebody else may be hidden (the mount option hidepid).
  if (words === undefined) return isThere(pid) ? undefined : "gone";
  const [state = "", ticks = ""] = [words[0], words[19]];
  const boot = readIfThere("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return state === "Z" || state === "X" ? "gone" : `${boot}:${ticks}`;
}

/** By POSIX `ps`, for macOS. In one language and time zone, so that two runs read the same. */
export async function startByPs(pid: number): Promise<string | undefined> {
  const args = ["LC_ALL=C", "TZ=UTC", "ps", "-o", "stat=", "-o", "lstart=", "-p", String(pid)];
  try {
    const { stdout } = await run("env", args, { timeoutSeconds: 10 });
    const [state = "", ...start] = stdout.trim().split(/\s+/);
    return state === "" || state.startsWith("Z") ? "gone" : start.join("_");
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return error.reason === "exit" && !isThere(pid) ? "gone" : undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it is there, and not ours to signal.
    return hasCode(error, "EPERM");
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
