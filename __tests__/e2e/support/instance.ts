import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Place, settingsFor } from "../../../dev/fresh-clone.js";
import { type DockerObject, listAll, remove } from "../../../ops/docker/docker-host.js";
import { freePorts } from "../../../ops/platform/free-ports.js";
import { overlap } from "../../../ops/platform/preflight.js";
import { command, docker, type Ended, platform, VERB_ENV, workerNumber } from "./platform.js";
import { call } from "./poll.js";

/** A run of a verb that has not ended yet, with its children in a process group of its own, as a shell gives it one. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  readonly said: () => string;
  /** Resolves when it has said so many whole lines, or has ended. */
  readonly lines: (count: number) => Promise<void>;
  /** Ctrl-C (SIGINT) or worse, to the whole group. */
  readonly kill: (signal: NodeJS.Signals) => void;
}

/**
 * A second, cheap platform: one server or as many as are asked for, no stand-ins, one service that nothing checks. It has
 * a state, names, ports and subnets of its own, and is called in the clone of the platform under test.
 */
export class Instance {
  /** Its service, which passes as long as its agent is there. */
  readonly service = "only_service";
  readonly folder = mkdtempSync(join(tmpdir(), "rollcall-second-"));
  readonly state = join(this.folder, "state");

  private constructor(
    readonly prefix: string,
    /** Where it stands. */
    readonly where: Place,
    private readonly servers: number,
    /** For `ROLLCALL_MONITORING_SUBNET`, where it is on. */
    readonly monitoringSubnet: string,
  ) {
    mkdirSync(join(this.folder, "catalog"));
    const check = "{ kind: none, reason: nothing runs here }";
    const lines = ["team: test-team", "services:", `  ${this.service}: { port: 8001, address: only, check: ${check} }`];
    writeFileSync(join(this.folder, "catalog", "test.yaml"), `${lines.join("\n")}\n`);
  }

  /** @param prefix one that no other platform has */
  static async create(prefix: string, servers = 1): Promise<Instance> {
    const [control = "", apps = "", monitoring = ""] = await freeSubnets();
    const [httpPort = 0, httpsPort = 0] = await freePorts(2);
    return new Instance(
      prefix,
      { prefix, httpPort, httpsPort, controlSubnet: control, platformSubnet: apps },
      servers,
      monitoring,
    );
  }

  get httpPort(): number {
    return this.where.httpPort;
  }

  get settings(): Record<string, string> {
    return {
      ...settingsFor(this.where),
      ROLLCALL_STATE: this.state,
      CDKTF_OUTDIR: join(this.folder, "cdktf.out"),
      ROLLCALL_CATALOG: join(this.folder, "catalog"),
      ROLLCALL_SERVERS: String(this.servers),
      ROLLCALL_WORKLOADS: "off",
      ...VERB_ENV,
    };
  }

  /** Runs a verb to its end. */
  run(
    verb: string,
    env: Readonly<Record<string, string>> = {},
    before: readonly string[] = [],
    after: readonly string[] = [],
  ): Promise<Ended> {
    const [program = "", ...args] = [...before, process.execPath, "ops/run.mjs", verb, ...after];
    return command(program, args, { cwd: platform().folder, env: { ...this.settings, ...env } });
  }

  /** Removes it, without a question. */
  down(env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.run("down", env, [], ["--yes"]);
  }

  /** Runs a verb that must succeed; gives what it printed. */
  async done(verb: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string> {
    return (await this.succeeded(verb, args, env)).stdout;
  }

  /** Runs a verb that must succeed; gives how many lines of progress it said. */
  async linesOf(
    verb: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    return (await this.succeeded(verb, args, env)).stderr.trimEnd().split("\n").length;
  }

  private async succeeded(
    verb: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Ended> {
    const ended = await this.run(verb, env, [], args);
    expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
    return ended;
  }

  /** One of its tokens. */
  async token(name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    return (await this.done("token", [name], env)).trim();
  }

  /**
   * Makes a new key in a folder.
   * @returns the settings by which a platform backs itself up to that key, into the same folder
   */
  async backups(folder: string): Promise<Readonly<Record<string, string>>> {
    const key = join(folder, "key");
    await this.done("backup", ["--new-key", key]);
    const [recipient = ""] = /age1[0-9a-z]+/.exec(readFileSync(key, "utf8")) ?? [];
    return {
      ROLLCALL_BACKUPS: join(folder, "backups"),
      ROLLCALL_BACKUP_RECIPIENT: recipient,
      ROLLCALL_BACKUP_IDENTITY: key,
    };
  }

  /** A management token that no verb knows: what it meets while secrets are exchanged is not its own doing. */
  async managementToken(
    description: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly AccessorID: string; readonly SecretID: string }> {
    const body = JSON.stringify({ Description: description, Policies: [{ Name: "global-management" }] });
    const [token, port] = [await this.token("management", env), this.httpPort];
    return JSON.parse(await call("/v1/acl/token", { method: "PUT", token, body, port }));
  }

  /** Starts a verb. */
  start(verb: string, env: Readonly<Record<string, string>> = {}, after: readonly string[] = []): Running {
    const begun = Date.now();
    const child: ChildProcess = spawn(process.execPath, ["ops/run.mjs", verb, ...after], {
      cwd: platform().folder,
      env: { ...process.env, ...this.settings, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (part: string) => {
      stdout += part;
    });
    child.stderr?.setEncoding("utf8").on("data", (part: string) => {
      stderr += part;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr, seconds: (Date.now() - begun) / 1000 }));
    });
    return {
      ended,
      said: () => stderr,
      lines: (count) =>
        new Promise((resolve) => {
          const look = () => {
            if (stderr.split("\n").length > count) resolve();
          };
          child.stderr?.on("data", look);
          child.on("close", () => resolve());
          look();
        }),
      kill: (signal) => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
      },
    };
  }

  /**
   * Cuts a verb off when it has said so many lines. By SIGINT, which is Ctrl-C, it must end as what goes on with the next
   * run; by SIGKILL it and all that it started vanish, Terraform and its providers among them: nothing can be put in order.
   * @returns whether it was cut off: it may have ended before
   */
  async cutOff(
    signal: "SIGINT" | "SIGKILL",
    verb: string,
    line: number,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<boolean> {
    const run = this.start(verb, env, args);
    await run.lines(line);
    run.kill(signal);
    const { code, stderr } = await run.ended;
    if (code === 0) return false;
    if (signal === "SIGINT")
      expect({ code, said: stderr.trim().split("\n").at(-1) }).toEqual({
        code: 1,
        said: "Interrupted. The next run continues from here.",
      });
    return true;
  }

  /** Takes away a server's container and its data. */
  async lose(server: string): Promise<void> {
    await docker("rm", "--force", `${this.prefix}${server}`);
    await docker("volume", "rm", `${this.prefix}${server}-data`);
  }

  /** Says beforehand what its label `rollcall.instance` will be. */
  named(): string {
    const name = `${this.prefix}${process.pid}`;
    mkdirSync(this.state, { mode: 0o700 });
    writeFileSync(join(this.state, "instance"), `${name}\n`, { mode: 0o600 });
    return name;
  }

  /** Its containers, volumes and networks: what has our label and its prefix. */
  async made(): Promise<readonly string[]> {
    const lists = await Promise.all([
      docker("ps", "--all", "--format", "container {{.Names}}", "--filter", "label=rollcall"),
      docker("volume", "ls", "--format", "volume {{.Name}}", "--filter", "label=rollcall"),
      docker("network", "ls", "--format", "network {{.Name}}", "--filter", "label=rollcall"),
    ]);
    const lines = lists.flatMap((text) => text.split("\n"));
    return lines.filter((line) => line.split(" ")[1]?.startsWith(this.prefix)).sort();
  }

  /** Whatever happened: nothing of it stays. */
  async remove(): Promise<void> {
    const isOurs = ({ stack, name }: DockerObject) => stack !== "" && name.startsWith(this.prefix);
    for (const kind of ["container", "volume", "network"] as const)
      await remove(kind, (await listAll(kind)).filter(isOurs));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whether its state has the mark of a `down` that did not come to its end. */
  get isHalfDown(): boolean {
    return existsSync(join(this.state, "going-down"));
  }

  /** Process number in its lock; undefined where there is none. */
  get lockedBy(): string | undefined {
    const lock = `${this.state}.lock`;
    return existsSync(lock) ? readFileSync(lock, "utf8").split(" ")[0] : undefined;
  }
}

/** Enough for all instances of a file, and for three workers between 10.209.100.0 and 10.209.255.0. */
const SUBNETS_A_WORKER = 50;

/** What was given out in this file: the networks of an instance are made later. */
const given = new Set<string>();

/** Three /24 that no Docker network of this host has and no other instance was given, here or in another worker. */
async function freeSubnets(): Promise<readonly string[]> {
  const ids = (await docker("network", "ls", "--quiet")).split("\n").filter(Boolean);
  const format = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
  const taken = (await docker("network", "inspect", "--format", format, ...ids)).split(/\s+/).filter(Boolean);
  // Outside of what Docker itself gives out: a network that is made before the instance is up would get one of these.
  const first = 100 + SUBNETS_A_WORKER * workerNumber();
  const candidates = Array.from({ length: SUBNETS_A_WORKER }, (_, index) => `10.209.${first + index}.0/24`);
  const free = candidates
    .filter((subnet) => !given.has(subnet) && !taken.some((other) => overlap(subnet, other)))
    .slice(0, 3);
  for (const subnet of free) given.add(subnet);
  return free;
}
