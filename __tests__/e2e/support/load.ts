import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsFor } from "../../../ops/fresh-clone";
import { furtherImage } from "./further-image";
import { command, nameOf, platform } from "./platform";
import type { NetworkName } from "./python";

/** What came of a client's requests. */
export interface Load {
  /** How many ended how: by HTTP status, or by what went wrong; "held" is a blocking query that still waits. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the answers with 200. */
  readonly milliseconds: { readonly median: number; readonly p99: number };
}

/** Clients in containers of their own on the platform's networks, each with an address of its own. */
export class LoadClients {
  private constructor(private readonly image: string) {}

  static async create(): Promise<LoadClients> {
    const test = platform();
    const env = { ...settingsFor(test), ROLLCALL_STATE: join(test.folder, "state") };
    return new LoadClients(await furtherImage("node", env));
  }

  /** So many requests at once for some seconds, each followed by the next. */
  sustain(network: NetworkName, url: string, seconds: number, atOnce: number): Promise<Load> {
    return this.run(network, ["sustain", url, String(seconds), String(atOnce)]);
  }

  /** So many requests a second, whether or not the earlier ones are answered. */
  rate(network: NetworkName, url: string, seconds: number, perSecond: number): Promise<Load> {
    return this.run(network, ["rate", url, String(seconds), String(perSecond)]);
  }

  /** Opens so many connections, asks once on each and holds them for some seconds. */
  connections(network: NetworkName, url: string, seconds: number, count: number): Promise<Load> {
    return this.run(network, ["connections", url, String(seconds), String(count)]);
  }

  private async run(network: NetworkName, args: readonly string[]): Promise<Load> {
    const place = ["--network", nameOf(network), "--ulimit", "nofile=16384", "--user", "1000:1000"];
    const start = ["--entrypoint", "node", this.image, "--input-type=module", "-", ...args];
    const input = readFileSync(join(__dirname, "greedy.mjs"), "utf8");
    const { code, stdout, stderr } = await command("docker", ["run", "--rm", "--interactive", ...place, ...start], {
      input,
    });
    if (code !== 0) throw new Error(`the client ended with ${code}:\n${stdout}${stderr}`);
    return JSON.parse(stdout) as Load;
  }
}
