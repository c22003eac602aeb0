import type { Env, Run } from "../lib/process.js";
import type { Cache } from "./cache.js";

/** What every step here needs: the cache, a way to run commands, and somebody to tell how far it is. */
export interface Context {
  readonly cache: Cache;
  /** Runs a command with `env` and ends it when the person interrupts. */
  readonly run: Run;
  readonly env: Env;
  /** Shows a line to the person. */
  readonly report: (line: string) => void;
}

const HEARTBEAT_MS = 20_000;

/** A long step: says when it begins, every 20 s that it is still at it, and how long it took. */
export async function timed<T>(
  context: Pick<Context, "report">,
  label: string,
  aboutSeconds: number,
  work: (note: (detail: string) => void) => Promise<T>,
): Promise<T> {
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  let detail = "";
  context.report(`${label} (about ${aboutSeconds} s)`);
  const heartbeat = setInterval(
    () => context.report(`${label} (${seconds()} of about ${aboutSeconds} s)${detail && `: ${detail}`}`),
    HEARTBEAT_MS,
  );
  try {
    const result = await work((text) => {
      detail = text;
    });
    context.report(`${label}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}
