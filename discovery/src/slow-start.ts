import type { Endpoint } from "./endpoint.js";

/** How an instance that has just come is given its share bit by bit. */
export interface SlowStartOptions {
  /** Milliseconds until it has all of it; 0 turns it off. @default 30000 */
  readonly windowMs?: number;
  /** Share that it has from the first moment, 0 to 1. @default 0.1, Envoy's `min_weight_percent` */
  readonly least?: number;
}

/** Warms endpoints up: a straight line from the least share to all of it. Keeps nothing itself. */
export class SlowStart {
  private readonly windowMs: number;
  private readonly least: number;

  constructor({ windowMs = 30_000, least = 0.1 }: SlowStartOptions = {}) {
    this.windowMs = windowMs;
    this.least = least;
  }

  begin(endpoint: Endpoint, now: number): void {
    if (this.windowMs <= 0) return;
    endpoint.warmingSince = now;
    endpoint.warmth = this.least;
  }

  sweep(endpoint: Endpoint, now: number): void {
    if (endpoint.warmingSince < 0) return;
    const part = (now - endpoint.warmingSince) / this.windowMs;
    endpoint.warmth = Math.min(1, Math.max(this.least, part));
    if (part >= 1) endpoint.warmingSince = -1;
  }
}
