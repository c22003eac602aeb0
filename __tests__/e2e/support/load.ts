import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsFor } from "../../../dev/fresh-clone.js";
import { furtherImage } from "./further-image.js";
import { loadImage } from "./load-image.js";
import { command, nameOf, platform } from "./platform.js";
import type { NetworkName } from "./python.js";

/** What clients ask, and the network on which they stand. */
export interface Endpoint {
  readonly network: NetworkName;
  readonly url: string;
}

/** How many requests ended how: by HTTP status, or by what went wrong; "held" is a blocking query that still waits. */
export type Counts = Readonly<Record<string, number>>;

/** What came of requests. */
export interface Load {
  /** How many were begun, whatever came of them. */
  readonly sent: number;
  readonly counts: Counts;
  /** Of the answers with 200; of several clients, the slowest one's. */
  readonly milliseconds: { readonly median: number; readonly p99: number; readonly most: number };
}

/** How many clients flood a endpoint at once, each with an address of its own. */
const CLIENTS = 4;
/** What a endpoint sustains, it answers so fast to all but a hundredth. */
export const SUSTAINED_P99_MS = 500;
/**
 * How many connections each may have. All together stay below the 4,096 that the kernel keeps for a endpoint until it takes
 * them (`net.core.somaxconn`): beyond those nobody could answer 429. With all of them waiting a client would fall behind
 * its rate, which the tests notice.
 */
const MOST_AT_ONCE = 750;

/** Clients in containers of their own on the platform's networks, each with an address of its own. */
export class LoadClients {
  private constructor(
    private readonly node: string,
    private readonly client: string,
  ) {}

  static async create(): Promise<LoadClients> {
    const test = platform();
    const env = { ...settingsFor(test), ROLLCALL_STATE: join(test.folder, "state") };
    return new LoadClients(await furtherImage("node", env), await loadImage());
  }

  /** One client, so many requests a second, whether or not the earlier ones are answered. */
  rate({ network, url }: Endpoint, seconds: number, perSecond: number): Promise<Load> {
    return this.ask(network, [url, String(seconds), String(perSecond), String(MOST_AT_ONCE)]);
  }

  /** The same of several clients, each with its part of the requests. */
  async flood(endpoint: Endpoint, seconds: number, perSecond: number): Promise<Load> {
    const each = Math.ceil(perSecond / CLIENTS);
    return sum(await Promise.all(Array.from({ length: CLIENTS }, () => this.rate(endpoint, seconds, each))));
  }

  /**
   * The highest rate, in requests a second, at which everything that those clients ask is answered with 200, and 99 of a
   * hundred within `SUSTAINED_P99_MS`. Tried for 10 s each, by steps of a tenth down from what is served to as many as
   * ask again at once.
   */
  async sustained({ network, url }: Endpoint): Promise<number> {
    const eager = Array.from({ length: CLIENTS }, () => this.ask(network, [url, "10", "0", "16"]));
    const most = (sum(await Promise.all(eager)).counts["200"] ?? 0) / 10;
    for (let rate = 1.1 * most; rate > most / 4; rate *= 0.9) {
      const { sent, counts, milliseconds } = await this.flood({ network, url }, 10, rate);
      const all = sent > 9.5 * rate && counts["200"] === sent;
      if (all && milliseconds.p99 < SUSTAINED_P99_MS) return rate;
    }
    throw new Error(`no rate between ${most / 4} and ${most} requests a second is sustained`);
  }

  /** One client that opens so many connections, asks once on each and holds them for some seconds. */
  async connections({ network, url }: Endpoint, seconds: number, count: number): Promise<Counts> {
    const start = ["--entrypoint", "node", this.node, "--input-type=module", "-", url, String(seconds), String(count)];
    return JSON.parse(
      await this.run(network, start, readFileSync(join(import.meta.dirname, "greedy.mjs"), "utf8")),
    ) as Counts;
  }

  /** One client that asks so often on each of so many connections, and reads no answer. @returns how many it still had */
  async deaf({ network, url }: Endpoint, count: number, times: number): Promise<number> {
    const start = ["--entrypoint", "node", this.node, "--input-type=module", "-", url, String(count), String(times)];
    const said = await this.run(network, start, readFileSync(join(import.meta.dirname, "deaf.mjs"), "utf8"));
    return (JSON.parse(said) as { readonly held: number }).held;
  }

  private async ask(network: NetworkName, args: readonly string[]): Promise<Load> {
    return JSON.parse(await this.run(network, [this.client, ...args])) as Load;
  }

  private async run(network: NetworkName, start: readonly string[], input = ""): Promise<string> {
    const place = ["--network", nameOf(network), "--ulimit", "nofile=16384", "--user", "1000:1000"];
    const args = ["run", "--rm", "--interactive", ...place, ...start];
    const { code, stdout, stderr } = await command("docker", args, { input });
    if (code !== 0) throw new Error(`the client ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }
}

function sum(loads: readonly Load[]): Load {
  const counts: Record<string, number> = {};
  for (const load of loads)
    for (const [outcome, count] of Object.entries(load.counts)) counts[outcome] = (counts[outcome] ?? 0) + count;
  const worst = (kind: keyof Load["milliseconds"]) => Math.max(...loads.map(({ milliseconds }) => milliseconds[kind]));
  const sent = loads.reduce((total, load) => total + load.sent, 0);
  return { sent, counts, milliseconds: { median: worst("median"), p99: worst("p99"), most: worst("most") } };
}
