import type { ConsulAnswer, ConsulHttp } from "./consul-http.js";
import { ConsulUnavailable, HiddenByAcl } from "./errors.js";
import type { Instance } from "./instance.js";
import { isJson } from "./json.js";
import { parseHealth } from "./parse-health.js";

/** What Consul knew of a service at one moment. */
export interface Reading {
  /** In the order of their keys. */
  readonly instances: readonly Instance[];
  /** What to give to the next blocking query; 0 where Consul gave none. */
  readonly index: number;
  /** Milliseconds by which the server that answered may lag behind its leader. */
  readonly lagMs: number;
  /** The answer's length in characters. */
  readonly size: number;
}

/** How long to wait for answers. */
export interface HealthQueryOptions {
  /** Milliseconds for an answer that does not block; shorter than the 7.7 s of a Consul without a leader. @default 5000 */
  readonly timeoutMs?: number;
  /** Milliseconds that a blocking query waits for a change. @default 60000 */
  readonly waitMs?: number;
}

/** Asks Consul for the instances of a service, at once or when they change. Any server may answer, leader or not; see `believed`. */
export class HealthQuery {
  private readonly http: ConsulHttp;
  private readonly timeoutMs: number;
  /** Milliseconds after which a blocking query comes back without a change. */
  readonly waitMs: number;

  constructor(http: ConsulHttp, { timeoutMs = 5000, waitMs = 60_000 }: HealthQueryOptions = {}) {
    this.http = http;
    this.timeoutMs = timeoutMs;
    this.waitMs = waitMs;
  }

  /**
   * Reads at once.
   * @param known the index of what is known already; 0 for nothing
   * @throws HiddenByAcl for an empty answer that says nothing; what `ConsulHttp.send` throws
   */
  async read(service: string, known: number, signal: AbortSignal): Promise<Reading> {
    const answer = await this.http.send({ path: pathOf(service), query: STALE, timeoutMs: this.timeoutMs, signal });
    return this.believed(service, readingOf(service, answer), known, signal);
  }

  /**
   * Waits until the service is newer than the index, or for the longest time; what comes back may be unchanged.
   * @throws as `read`
   */
  async wait(service: string, index: number, signal: AbortSignal): Promise<Reading> {
    const query = { ...STALE, index: `${index}`, wait: `${this.waitMs}ms` };
    // Consul adds up to a sixteenth, so that those who wait do not all come back together.
    const timeoutMs = Math.ceil((this.waitMs * 17) / 16) + this.timeoutMs;
    const answer = await this.http.send({ path: pathOf(service), query, timeoutMs, signal });
    return this.believed(service, readingOf(service, answer), index, signal);
  }

  /**
   * The reading, or what the leader says instead. Any server may answer, also one that has just started and has not
   * caught up: it knows nothing, or what was long ago. Nor does a blocking answer say that ACLs have emptied it.
   */
  private async believed(service: string, reading: Reading, known: number, signal: AbortSignal): Promise<Reading> {
    if (reading.instances.length > 0 && reading.index >= known) return reading;
    // Consistent: a leader of a moment ago has not caught up either, and the default mode does not wait for that.
    const query = { consistent: "" };
    const answer = await this.http.send({ path: pathOf(service), query, timeoutMs: this.timeoutMs, signal });
    const confirmed = readingOf(service, answer);
    if (confirmed.instances.length === 0) await this.mayBeEmpty(service, answer, signal);
    return confirmed;
  }

  private async mayBeEmpty(service: string, answer: ConsulAnswer, signal: AbortSignal): Promise<void> {
    if (answer.header("x-consul-results-filtered-by-acls") === "true") throw hidden(service);
    if (this.http.hasToken) return;
    // Nobody without a token is told that something was hidden. Who sees no service at all, not even Consul's own,
    // sees nothing.
    const { body } = await this.http.send({
      path: "/v1/catalog/services",
      query: { consistent: "" },
      timeoutMs: this.timeoutMs,
      signal,
    });
    if (!isJson(body) || Object.keys(body).length === 0) throw hidden(service);
  }
}

const STALE = { stale: "" } as const;

function pathOf(service: string): string {
  return `/v1/health/service/${encodeURIComponent(service)}`;
}

function readingOf(service: string, answer: ConsulAnswer): Reading {
  const instances = parseHealth(service, answer.body);
  // The streaming backend, which answers blocking queries, knows of no leader and of no contact.
  const streams = answer.header("x-consul-query-backend") === "streaming";
  if (!streams && instances.length === 0 && answer.header("x-consul-knownleader") === "false")
    throw new ConsulUnavailable(
      `A Consul server without a leader knows no instance of ${service}`,
      "It may just have started; look at the servers.",
    );
  return {
    instances,
    index: positive(answer.header("x-consul-index")),
    lagMs: streams ? 0 : positive(answer.header("x-consul-lastcontact")),
    size: answer.size,
  };
}

function positive(text: string | undefined): number {
  const number = Number(text ?? 0);
  return Number.isFinite(number) ? Math.max(number, 0) : 0;
}

function hidden(service: string): HiddenByAcl {
  return new HiddenByAcl(
    `Consul's answer for ${service} is empty because of its ACLs`,
    "Set CONSUL_TOKEN to a token with service:read and node:read for it.",
  );
}
