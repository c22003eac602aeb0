import { isUnknown, resultOf, type Unknown } from "../platform/result.js";
import type { LiveInstance } from "./api/catalog.js";
import { ConsulApi } from "./api/consul-api.js";
import type { LiveCheck } from "./api/health.js";
import { InsideTransport } from "./api/inside-transport.js";

/** What Consul's catalog holds. */
export interface InsideView {
  readonly instances: readonly LiveInstance[];
  readonly checks: readonly LiveCheck[];
}

/**
 * The Consul in a container, of what it has itself: where there is no leader that may be a moment old.
 * @param token an ACL token. @default - none: as anybody
 */
export function consulInside(container: string, token?: string): ConsulApi {
  return new ConsulApi(new InsideTransport(container), { token, mayBeStale: true });
}

/**
 * Reads Consul's catalog from within the first of these containers that answers, which needs neither a leader nor the gateway.
 * @param containers servers that run, by their names on the host
 */
export async function readInside(containers: readonly string[]): Promise<InsideView | Unknown> {
  let last: InsideView | Unknown = { unknown: "no server answers" };
  for (const container of containers) {
    const consul = consulInside(container);
    last = await resultOf(async () => {
      const [instances, checks] = await Promise.all([consul.catalog.instances(), consul.health.checks()]);
      return { instances, checks };
    });
    if (!isUnknown(last)) return last;
  }
  return last;
}

/** The address of the leader's RPC port that the first of these servers knows; "" where none knows one. */
export async function leaderInside(containers: readonly string[]): Promise<string> {
  for (const container of containers) {
    const leader = await resultOf(() => consulInside(container).status.leader());
    if (!isUnknown(leader) && leader !== "") return leader;
  }
  return "";
}
