import type { ConsulHttp } from "./consul-http.ts";
import { isJson, textOf } from "./json.ts";
import { pause } from "./pause.ts";
import type { RandomSource } from "./random-source.ts";

/** What a probe found. */
export interface Finding {
  readonly status: "passing" | "warning" | "critical";
  /** Shown beside the check in Consul. */
  readonly says: string;
}

/** Finds out how a service is. A throw and a probe that takes too long are critical. */
export type Probe = (signal: AbortSignal) => Promise<Finding>;

/** How a report is made. */
export interface ReportOptions {
  /** Milliseconds between two reports; at most a third of the check's TTL, so that one may be lost. @default 10000 */
  readonly intervalMs?: number;
  /** Milliseconds that the probe may take. @default 5000 */
  readonly timeoutMs?: number;
  /** @default "<service id>:ttl", as the catalog names it */
  readonly checkId?: string;
}

/** A report that is being made. */
export interface Report {
  /** What was last told to Consul; undefined before. */
  readonly last: Finding | undefined;
  /** Ends it. The check becomes critical after its TTL, as that of a process that has ended. */
  close(): void;
}

/** What a report needs. */
export interface ReportTools {
  readonly http: ConsulHttp;
  readonly random: RandomSource;
  /** Where it is until it ends. */
  readonly open: Set<{ close(): void | Promise<void> }>;
  readonly onError: ((error: unknown, service: string) => void) | undefined;
}

const VERBS = { passing: "pass", warning: "warn", critical: "fail" } as const;

/** Tells the agent again and again how a service is, until it is closed. An error is told and does not end it. */
export function report(serviceId: string, probe: Probe, options: ReportOptions, tools: ReportTools): Report {
  const { intervalMs = 10_000, timeoutMs = 5000, checkId = `${serviceId}:ttl` } = options;
  const stopped = new AbortController();
  let last: Finding | undefined;
  const once = async () => {
    const found = await findingOf(probe, timeoutMs, stopped.signal);
    if (stopped.signal.aborted) return;
    const path = `/v1/agent/check/${VERBS[found.status]}/${encodeURIComponent(checkId)}`;
    const query = { note: found.says.slice(0, 500) };
    await tools.http.send({ path, method: "PUT", query, timeoutMs: 5000, signal: stopped.signal });
    last = found;
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      await once().catch((error: unknown) => stopped.signal.aborted || tools.onError?.(error, serviceId));
      // Up to a tenth earlier, so that many processes do not report together.
      await pause(intervalMs * (1 - 0.1 * tools.random.fraction()), stopped.signal);
    }
  };
  void run();
  const made: Report = {
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

async function findingOf(probe: Probe, timeoutMs: number, stopped: AbortSignal): Promise<Finding> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`the probe took more than ${timeoutMs} ms`)), timeoutMs);
  const signal = AbortSignal.any([late.signal, stopped]);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return findingIn(await Promise.race([probe(signal), ended]));
  } catch (error) {
    return { status: "critical", says: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** What a probe in plain JavaScript gave, if it is a finding. @throws where it is none */
function findingIn(given: unknown): Finding {
  const { status, says } = isJson(given) ? given : {};
  if (status === "passing" || status === "warning" || status === "critical") return { status, says: textOf(says) };
  throw new Error(`the probe gave the status ${JSON.stringify(status)}, not passing, warning or critical`);
}
