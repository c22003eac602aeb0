import type { Endpoint } from "./endpoint.js";

/** When an instance that fails is left alone for a while. The defaults are Envoy's (outlier detection). */
export interface OutlierOptions {
  /** Failed calls in a row after which it is ejected; 0 turns ejection off. @default 5 */
  readonly consecutiveFailures?: number;
  /** Milliseconds that the first ejection lasts; the nth lasts n times as long. @default 30000 */
  readonly baseEjectionMs?: number;
  /** Milliseconds that no ejection exceeds. @default 300000 */
  readonly maxEjectionMs?: number;
  /** Share of the instances that may be ejected at once; one always may. @default 0.1 */
  readonly maxEjected?: number;
  /** Share of the healthy instances that always stays; below it ejections are overlooked. @default 0.5 */
  readonly panicBelow?: number;
  /** Milliseconds without an ejection after which the next one is one step shorter again. @default 10000 */
  readonly forgiveMs?: number;
}

/** Decides who is ejected and for how long. Keeps nothing itself: the endpoints do. */
export class Outliers {
  readonly panicBelow: number;
  private readonly consecutiveFailures: number;
  private readonly baseEjectionMs: number;
  private readonly maxEjectionMs: number;
  private readonly maxEjected: number;
  private readonly forgiveMs: number;

  constructor(options: OutlierOptions = {}) {
    this.consecutiveFailures = options.consecutiveFailures ?? 5;
    this.baseEjectionMs = options.baseEjectionMs ?? 30_000;
    this.maxEjectionMs = options.maxEjectionMs ?? 300_000;
    this.maxEjected = options.maxEjected ?? 0.1;
    this.panicBelow = options.panicBelow ?? 0.5;
    this.forgiveMs = options.forgiveMs ?? 10_000;
  }

  /**
   * Counts one finished call, and ejects where it was one failure too many.
   * @param all the instances of its service
   * @returns whether it is ejected by this call
   */
  observe(endpoint: Endpoint, ok: boolean, all: readonly Endpoint[], now: number): boolean {
    endpoint.failures = ok ? 0 : endpoint.failures + 1;
    if (this.consecutiveFailures === 0 || endpoint.failures < this.consecutiveFailures) return false;
    if (isEjected(endpoint) || !this.mayEject(endpoint, all)) return false;
    endpoint.failures = 0;
    endpoint.ejections++;
    endpoint.ejectedUntil = now + Math.min(this.baseEjectionMs * endpoint.ejections, this.maxEjectionMs);
    endpoint.ejectionChangedAt = endpoint.ejectedUntil;
    return true;
  }

  /** Whether an ejection has ended; forgives one step where it is long ago. */
  sweep(endpoint: Endpoint, now: number): boolean {
    if (isEjected(endpoint)) {
      if (now < endpoint.ejectedUntil) return false;
      endpoint.ejectedUntil = 0;
      return true;
    }
    if (endpoint.ejections > 0 && now - endpoint.ejectionChangedAt >= this.forgiveMs) {
      endpoint.ejections--;
      endpoint.ejectionChangedAt = now;
    }
    return false;
  }

  private mayEject(endpoint: Endpoint, all: readonly Endpoint[]): boolean {
    const ejected = all.filter(isEjected).length;
    if (ejected + 1 > Math.max(1, Math.floor(all.length * this.maxEjected))) return false;
    const healthy = all.filter(({ instance }) => instance.health !== "critical");
    const left = healthy.filter((each) => each !== endpoint && !isEjected(each)).length;
    return left > 0 && left >= healthy.length * this.panicBelow;
  }
}

/** Whether an endpoint is ejected now. */
export function isEjected({ ejectedUntil }: Endpoint): boolean {
  return ejectedUntil > 0;
}
