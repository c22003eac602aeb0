import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { REGISTRAR_NODE_OPTIONS } from "../lib/consul/registrar/registrar.js";
import { bundleProgram } from "../lib/docker/bundle.js";
import { report } from "../ops/cli/progress.js";
import { freePorts } from "../ops/platform/free-ports.js";

/** The last commit whose registrar was shell and awk: the peer. */
const EARLIER = "e15021d";
const ROOT = join(import.meta.dirname, "..");
const NODE = "consul-agent-shared";
/** Some that are there before the others. */
const FEW = 40;

type Program = "shell and awk" | "TypeScript";
type Figures = Record<string, number>;

/**
 * `npm run bench -- registrar`: from KV to the agent, for the registrar and for the one before it, each with a server and an
 * agent of its own, as processes. Every service has an HTTP check each 10 s.
 * @param consul the path of Consul's program
 * @param many services in the end
 */
export async function registrar(consul: string, many = 4000): Promise<string> {
  const standIn = createServer((_, answer) => answer.end("ok"));
  await new Promise<void>((done) => standIn.listen(0, "127.0.0.1", done));
  try {
    const earlier = await measure("shell and awk", consul, standIn, many);
    const now = await measure("TypeScript", consul, standIn, many);
    const table = new Table({ head: ["what", "shell and awk", "TypeScript"], style: { head: [], border: [] } });
    for (const [what, figure] of Object.entries(now)) {
      const unit = what.startsWith("memory") ? "MiB" : "s";
      table.push([what, `${earlier[what]?.toFixed(1)} ${unit}`, `${figure.toFixed(1)} ${unit}`]);
    }
    return table.toString();
  } finally {
    standIn.close();
  }
}

async function measure(program: Program, consul: string, standIn: Server, many: number): Promise<Figures> {
  const place = await Place.start(program, consul, (standIn.address() as AddressInfo).port);
  const figures: Figures = {};
  const timed = async (what: string, from: number, to: number, tag: string) => {
    await place.write(from, to, tag);
    figures[what] = await place.untilTagged(tag, to - from);
    report(`${program}: ${what} ${figures[what]?.toFixed(1)}`);
  };
  try {
    place.startRegistrar();
    await timed(`${FEW} new`, 0, FEW, "a");
    await sleep(5000);
    figures[`memory with ${FEW}`] = place.memory();
    await timed("1 changed", 0, 1, "b");
    await timed(`${FEW} changed`, 0, FEW, "c");
    await timed(`${many - FEW} new beside ${FEW}`, FEW, many, "d");
    await sleep(15_000);
    figures[`memory with ${many}`] = place.memory();
    await timed(`1 changed of ${many}`, 0, 1, "e");
    await place.stopRegistrar();
    await place.write(1, 2, "f");
    place.startRegistrar();
    figures[`restart with ${many}, 1 changed`] = await place.untilTagged("f", 1);
    await timed(`${many} changed`, 0, many, "g");
    figures[`memory after that`] = place.memory();
    return figures;
  } finally {
    await place.stop();
  }
}

/** A server, an agent and a registrar. */
class Place {
  private readonly processes: ChildProcess[] = [];
  private registrarProcess: ChildProcess | undefined;

  private constructor(
    private readonly program: Program,
    private readonly consul: string,
    private readonly home: string,
    private readonly ports: readonly number[],
    private readonly standInPort: number,
  ) {}

  static async start(program: Program, consul: string, standInPort: number): Promise<Place> {
    const place = new Place(
      program,
      consul,
      mkdtempSync(join(tmpdir(), "rollcall-bench-")),
      await freePorts(6),
      standInPort,
    );
    place.prepare();
    return place.untilReady();
  }

  private at(...path: string[]): string {
    return join(this.home, ...path);
  }

  private prepare(): void {
    const [rpc, serfServer, httpServer, httpAgent, serfAgent] = this.ports;
    const off = { dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1, https: -1 };
    const common = { bind_addr: "127.0.0.1", disable_update_check: true, log_level: "ERROR" };
    const server = {
      ...common,
      data_dir: this.at("server"),
      server: true,
      bootstrap_expect: 1,
      node_name: "server",
      ports: { ...off, server: rpc, serf_lan: serfServer, http: httpServer },
      performance: { raft_multiplier: 1 },
    };
    const agent = {
      ...common,
      data_dir: this.at("agent"),
      node_name: NODE,
      retry_join: [`127.0.0.1:${serfServer}`],
      ports: { ...off, server: rpc, serf_lan: serfAgent, http: httpAgent },
      leave_on_terminate: false,
      use_streaming_backend: false,
    };
    mkdirSync(this.at("definitions"));
    writeFileSync(this.at("server.json"), JSON.stringify(server));
    writeFileSync(this.at("agent.json"), JSON.stringify(agent));
    writeFileSync(this.at("none.token"), "none\n");
    if (this.program === "TypeScript") writeFileSync(this.at("registrar.mjs"), bundleProgram("registrar"));
    else this.takeEarlier();
    this.spawn(this.consul, ["agent", "-config-file", this.at("server.json")]);
    this.spawn(this.consul, ["agent", "-config-file", this.at("agent.json"), "-config-dir", this.at("definitions")]);
  }

  /** The earlier program, and what it found in its image. */
  private takeEarlier(): void {
    for (const name of ["registrar.sh", "registrar.awk", "definition.awk"])
      writeFileSync(
        this.at(name),
        execFileSync("git", ["show", `${EARLIER}:lib/consul/registrar/${name}`], { cwd: ROOT }),
      );
    const which = (name: string) => execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    mkdirSync(this.at("bin"));
    for (const applet of execFileSync("busybox", ["--list"], { encoding: "utf8" }).trim().split("\n"))
      symlinkSync(which("busybox"), this.at("bin", applet));
    for (const [name, path] of [
      ["consul", this.consul],
      ["curl", which("curl")],
    ] as const)
      symlinkSync(path, this.at("bin", name));
  }

  private async untilReady(): Promise<Place> {
    for (;;) {
      const nodes = await this.get("/v1/catalog/nodes").catch(() => []);
      if (Array.isArray(nodes) && nodes.length === 2) return this;
      await sleep(200);
    }
  }

  startRegistrar(): void {
    const env = {
      PATH: this.at("bin"),
      NODE_OPTIONS: REGISTRAR_NODE_OPTIONS,
      CONSUL_HTTP_ADDR: `http://127.0.0.1:${this.ports[3]}`,
      REGISTRAR_TOKEN_FILE: this.at("none.token"),
      REGISTRATION_TOKEN_FILE: this.at("none.token"),
      REGISTRAR_NODE: NODE,
      REGISTRAR_PORT: String(this.ports[5]),
      DEFINITIONS: this.at("definitions"),
      REGISTRAR_RUN: this.at("run"),
    };
    const [command = "", ...args] =
      this.program === "TypeScript"
        ? [process.execPath, this.at("registrar.mjs")]
        : ["busybox", "sh", this.at("registrar.sh")];
    this.registrarProcess = this.spawn(command, args, env);
  }

  async stopRegistrar(): Promise<void> {
    const child = this.registrarProcess;
    if (child === undefined) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill();
    await ended;
  }

  async stop(): Promise<void> {
    await this.stopRegistrar();
    for (const child of this.processes) child.kill("SIGKILL");
    await sleep(500);
    rmSync(this.home, { recursive: true, force: true });
  }

  private spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn(command, args, { env, stdio: "ignore" });
    this.processes.push(child);
    return child;
  }

  /** Writes services into KV, 64 at a time. */
  async write(from: number, to: number, tag: string): Promise<void> {
    for (let at = from; at < to; at += 64) {
      const operations = Array.from({ length: Math.min(64, to - at) }, (_, n) => {
        const { key, value } = this.entry(at + n, tag);
        return { KV: { Verb: "set", Key: key, Value: Buffer.from(value).toString("base64") } };
      });
      await fetch(`http://127.0.0.1:${this.ports[2]}/v1/txn`, { method: "PUT", body: JSON.stringify(operations) });
    }
  }

  private entry(index: number, tag: string): { readonly key: string; readonly value: string } {
    const id = `number_${index}_service`;
    const http = `http://127.0.0.1:${this.standInPort}/health`;
    const check = { id: `${id}:http`, name: "HTTP GET /health", http, method: "GET", disable_redirects: true };
    const times = { output_max_size: 1, interval: "10s", timeout: "5s", deregister_critical_service_after: "90s" };
    const service = {
      id,
      name: id,
      address: "isa-number",
      port: 8000,
      tags: ["v1", "staging", tag],
      meta: { team: "t" },
    };
    return { key: `catalog/t/${id}`, value: JSON.stringify({ ...service, checks: [{ ...check, ...times }] }) };
  }

  /** The seconds until the agent has so many services with a tag. */
  async untilTagged(tag: string, count: number): Promise<number> {
    const begun = Date.now();
    const path = `/v1/agent/services?filter=${encodeURIComponent(`"${tag}" in Tags`)}`;
    for (;;) {
      const found = await this.get(path, 3);
      const seconds = (Date.now() - begun) / 1000;
      if (Object.keys(found).length >= count) return seconds;
      if (seconds > 900) throw new Error(`${Object.keys(found).length} of ${count} after ${seconds} s`);
      await sleep(count > 1000 ? 500 : 50);
    }
  }

  private async get(path: string, port = 2): Promise<object> {
    const response = await fetch(`http://127.0.0.1:${this.ports[port]}${path}`);
    return JSON.parse(await response.text());
  }

  /** MiB of the registrar with all that it has started. */
  memory(): number {
    const all = execFileSync("ps", ["-e", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/ +/).map(Number));
    const own = new Set([this.registrarProcess?.pid]);
    for (const [pid, parent] of all) if (own.has(parent)) own.add(pid);
    return all.filter(([pid]) => own.has(pid)).reduce((sum, [, , rss = 0]) => sum + rss / 1024, 0);
  }
}
