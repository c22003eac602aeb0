import { ConsulClient, type LiveCheck, type LiveInstance } from "./consul-client";
import { execIn } from "./containers";
import { isUnknown, known, type Unknown } from "./known";

/** What Consul's catalog holds. */
export interface InsideView {
  readonly instances: readonly LiveInstance[];
  readonly checks: readonly LiveCheck[];
}

/**
 * Reads Consul's catalog from within the first of these containers that answers, of what it has itself: that needs
 * neither a leader nor the gateway. Where there is no leader it may be a moment old.
 * @param containers servers that run, by their names on the host
 */
export async function readInside(containers: readonly string[]): Promise<InsideView | Unknown> {
  let last: InsideView | Unknown = { unknown: "no server answers" };
  for (const container of containers) {
    const client = new ConsulClient((path) => askInside(container, path));
    last = await known(async () => {
      const [instances, checks] = await Promise.all([client.instances(), client.checks()]);
      return { instances, checks };
    });
    if (!isUnknown(last)) return last;
  }
  return last;
}

/** GET from within a server's container, of what that server has itself, as anybody. */
export async function askInside(container: string, path: string): Promise<unknown> {
  // No "wget -T": the busybox of Debian 12 crashes on it.
  const wget = ["busybox", "timeout", "8", "busybox", "wget", "-q", "-O", "-"];
  return JSON.parse(await execIn(container, [...wget, `http://127.0.0.1:8500${path}?stale`]));
}

/** What Consul's own program prints in a container. A token goes in through standard input: a command line is seen by all. */
export function consulInside(container: string, args: readonly string[], token?: string): Promise<string> {
  if (token === undefined) return execIn(container, ["consul", ...args]);
  return execIn(container, ["consul", ...args, "-token-file=/dev/stdin"], token);
}
