import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { KV_PREFIX } from "../lib/catalog/definition.js";
import { MONITOR_NODE_OPTIONS } from "../lib/consul/monitor/monitor.js";
import { bundleProgram } from "../lib/docker/bundle.js";
import type { MonitorConfig } from "../lib/monitoring/monitor-config.js";
import { report } from "../ops/cli/progress.js";
import { freePorts } from "../ops/platform/free-ports.js";
import { SIZES } from "./scale.js";

const NODE = "consul-agent-shared";
/** How long a program is watched while nothing happens. */
const REST_SECONDS = 30;
/** As the exported configuration scrapes. */
const SCRAPE_MS = 5000;
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** What is written in one transaction of Consul's KV. */
const MOST_OPERATIONS = 64;

/** By what they are of. */
type Figures = Readonly<Record<string, number>>;

/** A program that tells how Consul's services are. */
interface Subject {
  readonly name: string;
  readonly start: (place: Place) => ChildProcess;
  /** All that it says at the moment. */
  readonly said: (place: Place) => Promise<string>;
  /** What says that a service passes, or is critical. */
  readonly line: (id: string, passes: boolean) => RegExp;
}

/**
 * `npm run bench -- monitor`: what `consul-monitor` takes at 40, 400 and 4,000 services, and beside it `consul watch` of all
 * checks, Consul's own way to follow them, one after the other at the same Consul. A server and an agent, as processes.
 * @param consul the path of Consul's program
 */
export async function monitor(consul: string): Promise<string> {
  const subjects = [ourMonitor, consulWatch(consul)];
  const table = new Table({
    head: ["services", "what", ...subjects.map(({ name }) => name)],
    style: { head: [], border: [] },
  });
  for (const size of SIZES) {
    const place = await Place.start(consul, size);
    try {
      const alone = await place.consulAtRest();
      const all: Figures[] = [];
      for (const subject of subjects) all.push(await measure(place, subject, alone));
      for (const what of Object.keys(all[0] ?? {}))
        table.push([size, what, ...all.map((figures) => figures[what]?.toFixed(1) ?? "")]);
    } finally {
      await place.stop();
    }
  }
  return table.toString();
}

/** @param alone what Consul takes without it, in percent of a processor */
async function measure(place: Place, subject: Subject, alone: number): Promise<Figures> {
  const first = place.idOf(0);
  const child = subject.start(place);
  const untilSaid = async (passes: boolean): Promise<number> => {
    const begun = Date.now();
    for (;;) {
      if (subject.line(first, passes).test(await subject.said(place).catch(() => "")))
        return (Date.now() - begun) / 1000;
      if (Date.now() - begun > 120_000) throw new Error(`${subject.name} says nothing of ${first}`);
      await sleep(50);
    }
  };
  try {
    const started = await untilSaid(true);
    // What the start takes is over.
    await sleep(15_000);
    const scrapes = setInterval(() => subject.said(place).catch(() => {}), SCRAPE_MS);
    const [own, consul] = [processorOf(child), place.processorOfConsul()];
    await sleep(REST_SECONDS * 1000);
    const atRest = {
      "memory, MiB": memoryOf(child),
      "processor at rest, % of one": share(processorOf(child) - own),
      "Consul's processor for it, % of one": share(place.processorOfConsul() - consul) - alone,
    };
    clearInterval(scrapes);
    await place.setCheck(first, "fail");
    const seen = await untilSaid(false);
    await place.setCheck(first, "pass");
    const series = (await subject.said(place)).split("\n").filter((line) => /^[a-z].* \S+$/.test(line)).length;
    report(`${subject.name}: ${place.size} services done`);
    return {
      ...atRest,
      "from its start until it knows them, s": started,
      "until a failed check is told, s": seen,
      series,
    };
  } finally {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }
}

const ourMonitor: Subject = {
  name: "consul-monitor",
  start: (place) => place.startMonitor(),
  said: async ({ ports }) => {
    const response = await fetch(`http://127.0.0.1:${ports[6]}/metrics`);
    return response.ok ? response.text() : "";
  },
  line: (id, passes) => new RegExp(`^rollcall_service_up\\{service="${id}",.*\\} ${passes ? 1 : 0}$`, "m"),
};

function consulWatch(consul: string): Subject {
  return {
    name: "consul watch",
    start: (place) => {
      const watch = ["watch", `-http-addr=127.0.0.1:${place.ports[2]}`, "-type=checks", "-state=any"];
      return spawn(consul, [...watch, `cat >${place.at("seen.new")}; mv ${place.at("seen.new")} ${place.at("seen")}`], {
        stdio: "ignore",
      });
    },
    said: async (place) => readFileSync(place.at("seen"), "utf8"),
    line: (id, passes) =>
      new RegExp(`"CheckID":"${id}:ttl","Name":"TTL","Status":"${passes ? "passing" : "critical"}"`),
  };
}

/** A server and an agent with so many services, which are declared in KV too. */
class Place {
  private readonly home = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  private readonly consuls: ChildProcess[] = [];

  private constructor(
    readonly size: number,
    readonly ports: readonly number[],
  ) {}

  static async start(consul: string, size: number): Promise<Place> {
    const place = new Place(size, await freePorts(7));
    place.prepare(consul);
    for (const file of ["server", "agent"])
      place.consuls.push(
        spawn(
          consul,
          ["agent", "-config-file", place.at(`${file}.json`), "-config-file", place.at(`${file}-more.json`)],
          {
            stdio: "ignore",
          },
        ),
      );
    await place.untilRegistered();
    await place.declare();
    // What so many registrations leave to do is over.
    await sleep(15_000);
    return place;
  }

  idOf(index: number): string {
    return `number_${index}_service`;
  }

  /** In percent of a processor. */
  async consulAtRest(): Promise<number> {
    const before = this.processorOfConsul();
    await sleep(REST_SECONDS * 1000);
    return share(this.processorOfConsul() - before);
  }

  /** In seconds. */
  processorOfConsul(): number {
    return this.consuls.reduce((sum, each) => sum + processorOf(each), 0);
  }

  startMonitor(): ChildProcess {
    mkdirSync(this.at("history"), { recursive: true });
    const [, , , , , https] = this.ports;
    const config: MonitorConfig = {
      servers: [{ name: "consul-server-1", address: "127.0.0.1" }],
      serverPort: https ?? 0,
      ...{ serverName: "server.dc1.consul", caFile: this.at("consul-agent-ca.pem"), pairFile: this.at("pair.pem") },
      ...{ tokenFile: this.at("none.token"), node: NODE, agent: `127.0.0.1:${https}`, gateway: `127.0.0.1:${https}` },
      ...{ prefix: KV_PREFIX, folder: this.at("history"), facts: { dynamic: [], coexist: false, services: {} } },
    };
    writeFileSync(this.at("monitor.json"), JSON.stringify(config));
    writeFileSync(this.at("monitor.mjs"), bundleProgram("monitor"));
    const args = [this.at("monitor.mjs"), this.at("monitor.json"), String(this.ports[6])];
    return spawn(process.execPath, args, { env: { NODE_OPTIONS: MONITOR_NODE_OPTIONS }, stdio: "ignore" });
  }

  async setCheck(id: string, what: "pass" | "fail"): Promise<void> {
    await fetch(`http://127.0.0.1:${this.ports[3]}/v1/agent/check/${what}/${id}:ttl`, { method: "PUT" });
  }

  async stop(): Promise<void> {
    for (const child of this.consuls) child.kill("SIGKILL");
    await sleep(500);
    rmSync(this.home, { recursive: true, force: true });
  }

  at(name: string): string {
    return join(this.home, name);
  }

  private prepare(consul: string): void {
    for (const args of [
      ["ca", "create"],
      ["cert", "create", "-server"],
    ])
      execFileSync(consul, ["tls", ...args], { cwd: this.home, stdio: "ignore" });
    const [pem, key] = ["dc1-server-consul-0.pem", "dc1-server-consul-0-key.pem"];
    writeFileSync(this.at("pair.pem"), [pem, key].map((name) => readFileSync(this.at(name), "utf8")).join(""));
    writeFileSync(this.at("none.token"), "none\n");
    const [rpc, serfServer, httpServer, httpAgent, serfAgent, https] = this.ports;
    const off = { dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1, https: -1 };
    const common = { bind_addr: "127.0.0.1", disable_update_check: true, log_level: "ERROR" };
    const server = {
      ...{ ...common, data_dir: this.at("server"), server: true, bootstrap_expect: 1, node_name: "consul-server-1" },
      ports: { ...off, server: rpc, serf_lan: serfServer, http: httpServer, https },
      performance: { raft_multiplier: 1 },
    };
    const tls = { tls: { https: { cert_file: this.at(pem), key_file: this.at(key) } } };
    const agent = {
      ...{ ...common, data_dir: this.at("agent"), node_name: NODE, retry_join: [`127.0.0.1:${serfServer}`] },
      ports: { ...off, server: rpc, serf_lan: serfAgent, http: httpAgent },
    };
    const services = Array.from({ length: this.size }, (_, index) => this.definition(index));
    const files = { server, "server-more": tls, agent, "agent-more": { services } };
    for (const [name, content] of Object.entries(files))
      writeFileSync(this.at(`${name}.json`), JSON.stringify(content));
  }

  /** With a check that nobody has to make. */
  private definition(index: number) {
    const id = this.idOf(index);
    return {
      ...{ id, name: id, address: "isa-number", port: 8000, tags: ["v1", "staging"], meta: { team: "t" } },
      checks: [{ id: `${id}:ttl`, name: "TTL", ttl: "24h", status: "passing" }],
    };
  }

  private async untilRegistered(): Promise<void> {
    for (;;) {
      const found = await fetch(`http://127.0.0.1:${this.ports[2]}/v1/health/state/passing`)
        .then((response) => response.json())
        .catch(() => []);
      if (Array.isArray(found) && found.length >= this.size + 2) return;
      await sleep(500);
    }
  }

  private async declare(): Promise<void> {
    for (let at = 0; at < this.size; at += MOST_OPERATIONS) {
      const operations = Array.from({ length: Math.min(MOST_OPERATIONS, this.size - at) }, (_, n) => {
        const definition = this.definition(at + n);
        const value = JSON.stringify({
          ...definition,
          checks: definition.checks.map(({ id, name, ttl }) => ({ id, name, ttl })),
        });
        return {
          KV: { Verb: "set", Key: `${KV_PREFIX}t/${definition.id}`, Value: Buffer.from(value).toString("base64") },
        };
      });
      const response = await fetch(`http://127.0.0.1:${this.ports[2]}/v1/txn`, {
        method: "PUT",
        body: JSON.stringify(operations),
      });
      if (!response.ok) throw new Error(await response.text());
    }
  }
}

/** In seconds, since it was started. */
function processorOf({ pid }: ChildProcess): number {
  // The second field is the program's name, in parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** In MiB. */
function memoryOf({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** Seconds of processor time while it was watched, in percent. */
function share(seconds: number): number {
  return (100 * seconds) / REST_SECONDS;
}
