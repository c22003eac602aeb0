import type { Endpoint } from "./endpoint.js";
import type { EndpointGroup } from "./endpoint-group.js";
import { hostPort, type Instance } from "./instance.js";

/** How a call went. */
export interface Outcome {
  /** Whether the instance did its part: a refused connection, a time-out and a 5xx are false, a 404 is true. */
  readonly ok: boolean;
  /** Milliseconds that the call took. @default the time since the lease was taken */
  readonly latencyMs?: number;
}

/** A picked instance that counts as busy until it is released. */
export interface Lease {
  readonly instance: Instance;
  /** Where it listens, as the host part of a URL. */
  readonly host: string;
  /**
   * Gives it back; the second time and later nothing happens. Without an outcome (the caller gave up) nothing is
   * learned from it.
   */
  release(outcome?: Outcome): void;
}

/** What a lease needs. */
export interface LeaseOptions {
  readonly group: EndpointGroup;
  readonly endpoint: Endpoint;
  readonly now: () => number;
  /** Called with each outcome. */
  readonly onOutcome: (instance: Instance, ok: boolean, latencyMs: number) => void;
}

/** Counts the instance as busy from now on. */
export function takeLease({ group, endpoint, now, onOutcome }: LeaseOptions): Lease {
  const { instance } = endpoint;
  const begun = now();
  let isReleased = false;
  endpoint.inFlight++;
  return {
    instance,
    host: hostPort(instance),
    release(outcome) {
      if (isReleased) return;
      isReleased = true;
      endpoint.inFlight--;
      if (outcome === undefined) return;
      const latencyMs = outcome.latencyMs ?? now() - begun;
      group.observe(endpoint, outcome.ok, latencyMs);
      onOutcome(instance, outcome.ok, latencyMs);
    },
  };
}
