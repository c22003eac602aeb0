import type { MonitorConfig } from "../../lib/monitoring/monitor-config.js";
import { indexOf } from "../registrar/agent.js";
import { type Answer, Consul, Refused, Unreachable } from "../registrar/consul.js";

/** One server's API. */
export interface ServerApi {
  readonly name: string;
  /** `host:port` as the leader is named by, without the port. */
  readonly address: string;
  readonly consul: Consul;
}

/** How long a question may take beyond what it waits for. */
const WITHIN_MS = 4000;
/** A blocking query comes back after this time: that is how old what is known may be while nothing happens. */
const WAIT_SECONDS = 5;
/** Consul adds up to a sixteenth. */
const WAITED_MS = Math.ceil(WAIT_SECONDS * 1000 * (17 / 16));

/** An answer of whichever server gave one. */
export interface Reading extends Answer {
  /** For the next blocking query. */
  readonly index: string;
  /** How long ago that server had heard from the leader, in seconds. */
  readonly lastContact: number;
}

/**
 * The servers, asked for what they know themselves (`?stale`), so that they answer without a leader too. One is asked until it
 * fails, then the next: what it says does not go back in time then.
 */
export class Servers {
  readonly all: readonly ServerApi[];
  private at = 0;

  constructor(private readonly config: MonitorConfig) {
    const { servers, serverPort, caFile, pairFile, serverName } = config;
    this.all = servers.map(({ name, address }) => ({
      name,
      address,
      consul: new Consul({
        address: `https://${address}:${serverPort}`,
        ...{ caFile, pairFile, serverName, withinMs: WITHIN_MS },
      }),
    }));
  }

  /**
   * @param index of the last reading, to wait until there is something else. @default - answered at once
   * @throws Refused where one refuses, Unreachable where none answers; with the reason of each
   */
  async read(path: string, index?: string): Promise<Reading> {
    const stale = `${path}${path.includes("?") ? "&" : "?"}stale`;
    const asked =
      index === undefined
        ? { path: stale }
        : { path: `${stale}&index=${index}&wait=${WAIT_SECONDS}s`, waitMs: WAITED_MS };
    const reasons: string[] = [];
    let refused: Refused | undefined;
    const first = this.at;
    for (const step of this.all.keys()) {
      const at = (first + step) % this.all.length;
      const server = this.all[at];
      if (server === undefined) continue;
      try {
        const answer = await server.consul.call({ method: "GET", tokenFile: this.config.tokenFile, ...asked });
        const reading = readingOf(answer, index);
        this.at = at;
        return reading;
      } catch (error) {
        if (error instanceof Refused) refused = error;
        reasons.push(`${server.name}: ${error instanceof Error ? error.message : error}`);
      }
    }
    if (refused !== undefined) throw new Refused(refused.status, reasons.join("; "));
    throw new Unreachable(reasons.join("; "));
  }
}

function readingOf(answer: Answer, before: string | undefined): Reading {
  const { headers } = answer;
  const index = String(headers["x-consul-index"] ?? "");
  // That there is nothing is believed of Consul alone, and only where the token may see everything.
  if (!/^\d+$/.test(index)) throw new Unreachable("the answer is not Consul's");
  if (headers["x-consul-results-filtered-by-acls"] === "true") throw new Refused(403, "the token may not see them all");
  const contact = Number(headers["x-consul-lastcontact"] ?? 0);
  return {
    ...answer,
    index: indexOf(index, before),
    lastContact: Number.isFinite(contact) ? contact / 1000 : 0,
  };
}
