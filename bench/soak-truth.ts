import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Catalog } from "../lib/catalog/types.js";

/**
 * A critical instance may be picked for so long after Consul was seen to know, and a passing one missing, in ms: what was
 * sent into an outage is given up after the client's `timeoutMs` (5 s), and is asked again within a second of the first
 * answer to another (discovery/src/watch-loop.ts); the judge itself may see that answer a second earlier.
 */
export const BOUND_MS = 7000;
/** Consul may show nothing to whoever has no token for so long, after a start; longer, and the platform is at fault. */
export const MOST_BLIND_MS = 5000;
/** What was read longer ago than this says nothing about now. In ms. */
const FRESH_MS = 2000;
const PERIOD_MS = 250;

const checksSchema = z.array(z.object({ ServiceName: z.string(), Status: z.string() }));

/** What Consul says without any client, read four times a second, to judge what a client picks by. */
export class Truth {
  /** Since when a service has been as it is. */
  private readonly seen = new Map<string, { readonly isCritical: boolean; readonly since: number }>();
  private readAt = Number.NEGATIVE_INFINITY;
  /** When the last read began that was answered. */
  private readBegunAt = Number.NEGATIVE_INFINITY;
  /** Since when Consul shows nothing to whoever has no token: not even a node. */
  private blindSince: number | undefined;
  private longestBlindMs = 0;
  private longestBehindMs = 0;
  private isOver = false;
  private readonly declared: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param address of an API that reads, such as the gateway's */
  constructor(
    private readonly address: string,
    catalog: Catalog,
    private readonly boundMs = BOUND_MS,
  ) {
    const places = new Map<string, Set<string>>();
    for (const { name, address, port } of catalog.services)
      places.set(name, (places.get(name) ?? new Set()).add(`${address}:${port}`));
    this.declared = places;
    void this.follow();
  }

  /** What is wrong with a pick; undefined where nothing is, or nobody can say. */
  async wrong(service: string, instance: { readonly address: string; readonly port: number }) {
    const place = `${instance.address}:${instance.port}`;
    if (this.declared.get(service)?.has(place) !== true) return `${place} was never in the catalog as ${service}`;
    return (await this.isBehind(service, true))
      ? `${service} was critical for longer than ${this.boundMs} ms`
      : undefined;
  }

  /** What is wrong with there being no instance to pick. */
  async wrongToFail(service: string) {
    return (await this.isBehind(service, false))
      ? `${service} was passing for longer than ${this.boundMs} ms`
      : undefined;
  }

  /** Ms of the longest time in which Consul showed nothing at all. */
  get blindMs(): number {
    return this.longestBlindMs;
  }

  /** Ms of the longest time that a pick was behind what Consul showed. */
  get behindMs(): number {
    return this.longestBehindMs;
  }

  stop(): void {
    this.isOver = true;
  }

  /** Whether a pick by the opposite of what Consul shows is later than the bound. */
  private async isBehind(service: string, isCritical: boolean): Promise<boolean> {
    const now = Date.now();
    const known = this.seen.get(service);
    if (known === undefined || known.isCritical !== isCritical || now - this.readAt >= FRESH_MS) return false;
    // Whoever picks may have heard of a change before the judge has: what Consul says after the pick decides.
    while (this.readBegunAt < now) {
      if (this.isOver || Date.now() - now > FRESH_MS) return false;
      await sleep(PERIOD_MS / 5);
    }
    if (this.seen.get(service) !== known) return false;
    this.longestBehindMs = Math.max(this.longestBehindMs, now - known.since);
    return now - known.since > this.boundMs;
  }

  private async follow(): Promise<void> {
    while (!this.isOver) {
      await this.read().catch(() => {});
      await sleep(PERIOD_MS);
    }
  }

  /** By the leader alone: a server that has just started knows nothing yet, and says so. */
  private async read(): Promise<void> {
    const begun = Date.now();
    const answer = await fetch(`${this.address}/v1/health/state/any`, { signal: AbortSignal.timeout(1000) });
    if (!answer.ok) return;
    const checks = checksSchema.parse(await answer.json());
    const now = Date.now();
    // A server that reads its log again shows nothing for a moment. That says nothing about services.
    this.blindSince = checks.length > 0 ? undefined : (this.blindSince ?? now);
    if (this.blindSince !== undefined) {
      this.longestBlindMs = Math.max(this.longestBlindMs, now - this.blindSince);
      return;
    }
    // After a time without an answer nobody knows since when it has been so.
    if (now - this.readAt > FRESH_MS) this.seen.clear();
    this.readAt = now;
    this.readBegunAt = begun;
    const node = checks.some(({ ServiceName, Status }) => ServiceName === "" && Status === "critical");
    for (const name of this.declared.keys()) {
      const own = checks.filter(({ ServiceName }) => ServiceName === name);
      // Dropped by Consul counts as critical; a node that is lost makes all of its services so, in Consul's eyes alone.
      const isCritical = own.length === 0 || own.some(({ Status }) => Status === "critical");
      if (node) this.seen.delete(name);
      else if (this.seen.get(name)?.isCritical !== isCritical) this.seen.set(name, { isCritical, since: now });
    }
  }
}
