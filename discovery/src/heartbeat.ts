import { pause } from "./abortable.js";
import type { ConsulHttp } from "./consul-http.js";
import { isJson, textOf } from "./json.js";
import type { RandomSource } from "./random-source.js";

/** The result of a probe. */
export interface ProbeResult {
  readonly status: "passing" | "warning" | "critical";
  /** Shown beside the check in Consul. */
  readonly says: string;
}

/** Checks a service. A probe that throws or takes too long counts as critical. */
export type Probe = (signal: AbortSignal) => Promise<ProbeResult>;

/** How a heartbeat is sent. */
export interface HeartbeatOptions {
  /** Milliseconds between two heartbeats; at most a third of the check's TTL, so that one may be lost. @default 10000 */
  readonly intervalMs?: number;
  /** Milliseconds that the probe may take. @default 5000 */
  readonly timeoutMs?: number;
  /** @default "<service id>:ttl", as the catalog names it */
  readonly checkId?: string;
}

/** A running heartbeat. */
export interface Heartbeat {
  /** The last result that Consul received; undefined before the first. */
  readonly last: ProbeResult | undefined;
  /** Stops the heartbeat. The check becomes critical after its TTL, as if the process had ended. */
  close(): void;
}

/** What a heartbeat needs. */
export interface HeartbeatTools {
  readonly http: ConsulHttp;
  readonly random: RandomSource;
  /** Holds the heartbeat until it is closed. */
  readonly open: Set<{ close(): void | Promise<void> }>;
  readonly onError: ((error: unknown, service: string) => void) | undefined;
}

const VERBS = { passing: "pass", warning: "warn", critical: "fail" } as const;

/** Sends the state of a service to the agent at an interval, until it is closed. An error goes to `onError`; the heartbeat goes on. */
export function heartbeat(
  serviceId: string,
  probe: Probe,
  options: HeartbeatOptions,
  tools: HeartbeatTools,
): Heartbeat {
  const { intervalMs = 10_000, timeoutMs = 5000, checkId = `${serviceId}:ttl` } = options;
  const stopped = new AbortController();
  let last: ProbeResult | undefined;
  const once = async () => {
    const found = await resultOf(probe, timeoutMs, stopped.signal);
    if (stopped.signal.aborted) return;
    const path = `/v1/agent/check/${VERBS[found.status]}/${encodeURIComponent(checkId)}`;
    const query = { note: found.says.slice(0, 500) };
    await tools.http.send({ path, method: "PUT", query, timeoutMs: 5000, signal: stopped.signal });
    last = found;
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      await once().catch((error: unknown) => stopped.signal.aborted || tools.onError?.(error, serviceId));
      // Up to a tenth earlier, so that many processes do not send together.
      await pause(intervalMs * (1 - 0.1 * tools.random.fraction()), stopped.signal);
    }
  };
  void run();
  const made: Heartbeat = {
    get last() {
      return last;
    },
    close: () => {
      stopped.abort();
      tools.open.delete(made);
    },
  };
  tools.open.add(made);
  return made;
}

async function resultOf(probe: Probe, timeoutMs: number, stopped: AbortSignal): Promise<ProbeResult> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`the probe took more than ${timeoutMs} ms`)), timeoutMs);
  const signal = AbortSignal.any([late.signal, stopped]);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return resultIn(await Promise.race([probe(signal), ended]));
  } catch (error) {
    return { status: "critical", says: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The result of a probe in plain JavaScript. @throws where it is not a valid one */
function resultIn(given: unknown): ProbeResult {
  const { status, says } = isJson(given) ? given : {};
  if (status === "passing" || status === "warning" || status === "critical") return { status, says: textOf(says) };
  throw new Error(`the probe gave the status ${JSON.stringify(status)}, not passing, warning or critical`);
}
