import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { HOLDING } from "../../../lib/consul/gateway/gateway-config.js";
import { leavingFile } from "../../../lib/consul/gateway/gateway-servers.js";
import { PARTS } from "../../../lib/platform-names.js";
import type { Settings } from "../../../lib/settings.js";

/** Of the settings only what containers are found by. */
type Platform = Pick<Settings, "prefix">;

/** A write takes some 5 ms, and many times that on a busy machine. */
const UNDER_WAY_MS = 300;

/** Longer than a `docker exec` takes to begin or to end. Where one hangs, the work goes on without it. */
const PATIENCE_MS = 5_000;

/**
 * Has the gateway hold back writes while leadership is handed over, or a snapshot restored, since a leader refuses what it
 * is sent, or has under way, meanwhile (decision 024). What is under way is over when the work begins. Nothing is held for
 * longer than two seconds.
 */
export function whileWritesAreHeld<T>(settings: Platform, work: () => Promise<T>): Promise<T> {
  return whileThere(settings, HOLDING, async () => {
    await sleep(UNDER_WAY_MS);
    return work();
  });
}

/**
 * Has the gateway send no write to a server that is about to be taken away: what is under way when it ends is lost.
 * @param server its node name
 */
export function whileLeaving<T>(settings: Platform, server: string, work: () => Promise<T>): Promise<T> {
  return whileThere(settings, leavingFile(server), work);
}

/**
 * Keeps a file in the gateway's container for as long as the work takes. It goes when its holder's input ends, and so with
 * this process too, however that ends. A gateway that does not run, or has no shell for it, lets the work go on without.
 */
async function whileThere<T>({ prefix }: Platform, file: string, work: () => Promise<T>): Promise<T> {
  const script = 'touch "$1" && echo there && cat; rm -f "$1"';
  const args = ["exec", "-i", `${prefix}${PARTS.gateway}`, "/bin/sh", "-c", script, "sh", file];
  // Detached: Ctrl-C ends this process when the server's turn is over, and a child of the terminal's at once.
  const holder = spawn("docker", args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
  const ended = once(holder, "close").catch(() => {});
  const patience = () => sleep(PATIENCE_MS, undefined, { ref: false });
  // A holder that has ended takes no input any more.
  holder.stdin.on("error", () => {});
  try {
    await Promise.race([once(holder.stdout, "data"), ended, patience()]);
    return await work();
  } finally {
    holder.stdin.end();
    await Promise.race([ended, patience()]);
    holder.kill();
  }
}
