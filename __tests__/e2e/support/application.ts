import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsFor } from "../../../dev/fresh-clone.js";
import { furtherImage } from "./further-image.js";
import type { Instance } from "./instance.js";
import { docker, output, platform } from "./platform.js";

/** Containers on the platform's network that have the discovery client installed, as applications do. */
export class Applications {
  private readonly made: string[] = [];

  private constructor(
    private readonly image: string,
    private readonly folder: string,
    private readonly prefix: string,
  ) {}

  /**
   * Builds the client from the clone.
   * @param second another platform than the one under test
   * @param files what programs read besides, by name
   */
  static async create(second?: Instance, files: Readonly<Record<string, string>> = {}): Promise<Applications> {
    const test = platform();
    const env = second?.settings ?? { ...settingsFor(test), ROLLCALL_STATE: join(test.folder, "state") };
    const folder = mkdtempSync(join(tmpdir(), "rollcall-applications-"));
    await output(process.execPath, [join(test.folder, "discovery", "build.mjs"), join(folder, "client")]);
    cpSync(join(folder, "client", "esm"), join(folder, "app", "discovery"), { recursive: true });
    for (const program of ["worker.mjs", "caller.mjs", "reporter.mjs", "servers.mjs"])
      cpSync(join(import.meta.dirname, program), join(folder, "app", program));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "app", name), text, { mode: 0o644 });
    return new Applications(await furtherImage("node", env), folder, second?.prefix ?? test.prefix);
  }

  /** Starts a program of this folder. @returns the container's name */
  async start(name: string, program: string, env: Readonly<Record<string, string>>): Promise<string> {
    const container = await this.container(name, program, env);
    await docker("start", container);
    return container;
  }

  /**
   * Runs a program to its end and gives what it printed.
   * @param network another one than the platform's
   */
  async run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    network?: string,
  ): Promise<unknown> {
    const container = await this.container(`caller-${this.made.length}`, program, env, args, network);
    return JSON.parse(await docker("start", "--attach", container));
  }

  async remove(): Promise<void> {
    for (const container of this.made) await docker("rm", "--force", "--volumes", container);
    rmSync(this.folder, { recursive: true });
  }

  private async container(
    name: string,
    program: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
    network?: string,
  ): Promise<string> {
    const container = `${this.prefix}test-${name}`;
    const platforms = ["--hostname", name, "--network", `${this.prefix}rollcall-platform`, "--network-alias", name];
    const place = ["--name", container, ...(network === undefined ? platforms : ["--network", network])];
    const label = ["--label", "rollcall=test", "--label", `rollcall.instance=${this.prefix}applications`];
    const settings = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    const start = ["--entrypoint", "/usr/bin/env", this.image, "node", `/app/${program}`];
    await docker("create", ...place, ...label, ...settings, ...start, ...args);
    this.made.push(container);
    await docker("cp", join(this.folder, "app"), `${container}:/`);
    return container;
  }
}
