import type { Endpoint } from "./endpoint.js";
import type { Lease } from "./lease.js";
import type { RetryBudget } from "./retry-budget.js";

/** What `fetch` takes besides what the global one takes. */
export interface CallOptions extends RequestInit {
  /** @default "https" where the instance's Meta `scheme` says so, else "http" */
  readonly scheme?: "http" | "https";
  /** Most attempts of an idempotent call, each on another instance. @default 3 */
  readonly attempts?: number;
  /** Milliseconds until the headers of an answer, for each attempt. @default 30000 */
  readonly attemptTimeoutMs?: number;
}

/** What a call needs. */
export interface CallTools {
  /** Takes an instance that was not tried yet; undefined where there is none left. */
  readonly next: (tried: ReadonlySet<Endpoint>) => { readonly lease: Lease; readonly endpoint: Endpoint } | undefined;
  readonly budget: RetryBudget;
  readonly fetch: typeof fetch;
}

/** Methods that may be made twice: RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** Status codes of a proxy before the service, or of a service that cannot serve now: another instance may. */
const ELSEWHERE: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Calls an instance, learns from how it went, and tries another one where that is harmless.
 * @throws what the last attempt threw; the signal's reason
 */
export async function call(path: string, init: CallOptions, { next, budget, fetch }: CallTools): Promise<Response> {
  const { scheme, attempts = 3, attemptTimeoutMs = 30_000, ...rest } = init;
  const most = mayRepeat(rest) ? attempts : 1;
  const tried = new Set<Endpoint>();
  let last: { readonly answer?: Response; readonly error?: unknown } = {};
  budget.deposit();
  for (let attempt = 1; attempt <= most; attempt++) {
    if (attempt > 1 && !budget.withdraw()) break;
    const taken = next(tried);
    if (taken === undefined) break;
    tried.add(taken.endpoint);
    // Nobody reads the answer that the next attempt takes the place of.
    await last.answer?.body?.cancel().catch(() => {});
    const { lease } = taken;
    const url = `${scheme ?? schemeOf(lease)}://${lease.host}${path.startsWith("/") ? path : `/${path}`}`;
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new DOMException("No answer in time", "TimeoutError")),
      attemptTimeoutMs,
    );
    const signal = rest.signal == null ? timeout.signal : AbortSignal.any([rest.signal, timeout.signal]);
    try {
      const answer = await fetch(url, { ...rest, signal });
      lease.release({ ok: answer.status < 500 });
      if (!ELSEWHERE.has(answer.status)) return answer;
      last = { answer };
    } catch (error) {
      const gaveUp = rest.signal?.aborted === true;
      lease.release(gaveUp ? undefined : { ok: false });
      if (gaveUp) throw error;
      last = { error };
    } finally {
      clearTimeout(timer);
    }
  }
  if (last.answer !== undefined) return last.answer;
  throw last.error;
}

function mayRepeat({ method = "GET", body, headers }: RequestInit): boolean {
  const isStream = body instanceof ReadableStream;
  return !isStream && (IDEMPOTENT.has(method.toUpperCase()) || new Headers(headers).has("idempotency-key"));
}

function schemeOf({ instance }: Lease): string {
  return instance.meta.scheme === "https" ? "https" : "http";
}
