import { readFileSync } from "node:fs";
import { join } from "node:path";
import { docker } from "./platform.js";

/** A service that registers itself, as it was before there was a catalog. */
export interface OldService {
  readonly name: string;
  /** Its name in the network. */
  readonly address: string;
  readonly port: number;
}

/** What ran before: a network, a Consul called `staging-consul` in it, and services that register themselves there. */
export class OldPlatform {
  readonly network: string;
  readonly consul: string;
  readonly #label: readonly string[];
  readonly #made: string[] = [];

  /** @param image one with Node, for the services */
  constructor(
    private readonly prefix: string,
    private readonly image: string,
  ) {
    this.network = `${prefix}staging`;
    this.consul = `${prefix}old-consul`;
    this.#label = ["--label", "rollcall=test", "--label", `rollcall.instance=${prefix}old`];
  }

  async start(consulImage: string, httpPort: number): Promise<void> {
    await docker("network", "create", ...this.#label, this.network);
    const publish = ["--publish", `127.0.0.1:${httpPort}:8500`, "--user", "100:1000", "--entrypoint", "/bin/consul"];
    await this.#run(this.consul, "staging-consul", [...publish, consulImage, "agent", "-dev", "-client=0.0.0.0"]);
  }

  /** A container of a service. @returns its name on the host */
  async startService({ name, address, port }: OldService, registers: boolean): Promise<string> {
    const container = `${this.prefix}${address}-${registers ? "old" : "new"}`;
    const env = { NAME: name, ADDRESS: address, PORT: String(port), REGISTER: registers ? "on" : "off" };
    const program = readFileSync(join(import.meta.dirname, "old-service.mjs"), "utf8");
    const run = ["--entrypoint", "/usr/bin/env", this.image, "node", "--input-type=module", "--eval", program];
    await this.#run(container, address, [
      ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      ...run,
    ]);
    return container;
  }

  async remove(): Promise<void> {
    for (const container of this.#made) await docker("rm", "--force", "--volumes", container);
    await docker("network", "rm", this.network);
  }

  async #run(container: string, alias: string, args: readonly string[]): Promise<void> {
    this.#made.push(container);
    const place = ["--network", this.network, "--network-alias", alias];
    await docker("run", "--detach", "--name", container, ...this.#label, ...place, ...args);
  }
}
