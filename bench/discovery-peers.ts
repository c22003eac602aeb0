import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import Table from "cli-table3";
import Consul from "consul";
import { z } from "zod";
import { createDiscovery } from "../discovery/src/create-discovery.js";
import { readCatalog } from "../lib/catalog/read-catalog.js";
import { imageRef } from "../lib/docker/images.js";
import { run } from "../lib/process.js";
import { readSettings } from "../lib/settings.js";
import { unless, waitUntil } from "../lib/wait-until.js";
import { report } from "../ops/cli/progress.js";
import { docker } from "../ops/docker/docker-host.js";
import { freePorts } from "../ops/platform/free-ports.js";
import { setUp } from "../ops/platform/tools.js";

const SERVICES = 1000;
const INSTANCES = 3;
const HITS = 200_000;
const MISSES = 200;
/** How long an unchanging catalog is watched: two of the client's waits of 60 s. */
const QUIET_MS = 120_000;
/** The services that are watched meanwhile, as many as the seed has. */
const WATCHED = 40;

const entriesSchema = z.array(z.object({ Service: z.object({ Address: z.string(), Port: z.number() }) }));

/**
 * The client beside npm's `consul` with a hand-written round robin, and beside go-kit's `sd/consul`, against one real
 * Consul agent on loopback with 1,000 services of 3 instances. Takes three minutes, two of which are spent watching.
 */
export async function benchPeers(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-peers-"));
  const binary = await consulBinary(folder);
  const [port = 0, dns = 0, grpc = 0, server = 0, lan = 0, wan = 0, counted = 0] = await freePorts(7);
  const ports = [
    "-http-port",
    port,
    "-dns-port",
    dns,
    "-grpc-port",
    grpc,
    "-grpc-tls-port",
    -1,
    "-server-port",
    server,
  ];
  const gossip = ["-serf-lan-port", lan, "-serf-wan-port", wan];
  const agent = spawn(binary, ["agent", "-dev", "-log-level=error", ...ports, ...gossip].map(String), {
    stdio: "ignore",
  });
  try {
    await registered(`http://127.0.0.1:${port}`);
    const rows = [
      ...(await hits(port, folder)),
      ...(await misses(port)),
      ...(await memory(port)),
      ...(await calls(port, counted)),
    ];
    const table = new Table({
      head: ["", "@rollcall/discovery", "consul 2.0.1 (npm)", "go-kit 0.13"],
      style: { head: [], border: [] },
    });
    table.push(...rows);
    return table.toString();
  } finally {
    agent.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was measured; of this package, and of its peers. "" where a peer has nothing of the sort. */
type Row = [string, string, string, string];

/** A pick of a service that is known: the seed promises 1 ms. */
async function hits(port: number, folder: string): Promise<readonly Row[]> {
  report("picks of a known service");
  const discovery = client(port);
  const pool = await discovery.pool("service-1", { strategy: "round-robin" });
  await discovery.pick("service-1", { strategy: "round-robin" });
  const waiting = await nanoseconds(HITS, () => discovery.pick("service-1", { strategy: "round-robin" }));
  const direct = await nanoseconds(HITS, () => pool.pick());
  await discovery.close();

  const peer = new Consul({ host: "127.0.0.1", port });
  const list = entriesSchema.parse(await peer.health.service({ service: "service-1", passing: true }));
  let next = 0;
  const kept = await nanoseconds(HITS, () => list[next++ % list.length]);
  const asked = await nanoseconds(MISSES, () => peer.health.service({ service: "service-1", passing: true }));
  const goKit = join(folder, "go-kit");
  await run("go", ["build", "-o", goKit, "."], { cwd: join(import.meta.dirname, "go-kit") });
  const { stdout } = await run(goKit, [`127.0.0.1:${port}`, "service-1"]);
  return [
    [
      "a pick of a known service, without waiting",
      `${direct.toFixed(0)} ns`,
      `${kept.toFixed(0)} ns, from a list that nobody updates`,
      `${stdout.trim()} ns`,
    ],
    [
      "the same by `await pick` (aim 1 ms)",
      `${waiting.toFixed(0)} ns`,
      `${(asked / 1e6).toFixed(2)} ms, asked each time`,
      "",
    ],
  ];
}

/** The first pick of a service: the seed promises 10 to 50 ms. */
async function misses(port: number): Promise<readonly Row[]> {
  report("first picks");
  const discovery = client(port);
  let number = 0;
  const ours = await nanoseconds(MISSES, () => discovery.pick(`service-${++number}`));
  await discovery.close();
  const peer = new Consul({ host: "127.0.0.1", port });
  const theirs = await nanoseconds(MISSES, () =>
    peer.health.service({ service: `service-${number--}`, passing: true }),
  );
  const ms = (ns: number) => `${(ns / 1e6).toFixed(2)} ms`;
  return [["the first pick of a service (aim 10 to 50 ms)", ms(ours), ms(theirs), ""]];
}

/** What 1,000 services of 3 instances take. */
async function memory(port: number): Promise<readonly Row[]> {
  report("1,000 services in memory");
  const names = Array.from({ length: SERVICES }, (_, index) => `service-${index}`);
  const discovery = client(port);
  const before = heap();
  for (const name of names) await discovery.pick(name);
  const ours = heap() - before;
  const { watches } = discovery.stats();
  await discovery.close();
  const peer = new Consul({ host: "127.0.0.1", port });
  const kept = new Map<string, unknown>();
  const empty = heap();
  for (const name of names) kept.set(name, await peer.health.service({ service: name, passing: true }));
  const theirs = heap() - empty;
  const told = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return [
    [
      `${SERVICES} services in memory`,
      `${told(ours)}, ${watches} watched`,
      `${told(theirs)}, ${kept.size} answers kept`,
      "",
    ],
  ];
}

/** Calls to Consul while nothing changes. A hand-written cache asks again when its 30 s are over. */
async function calls(port: number, counted: number): Promise<readonly Row[]> {
  report(`watching ${WATCHED} services that do not change, for ${QUIET_MS / 1000} s`);
  let count = 0;
  const proxy = createServer((incoming, answer) => {
    count++;
    const options = { host: "127.0.0.1", port, path: incoming.url, method: incoming.method, headers: incoming.headers };
    const onward = request(options, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }).listen(counted, "127.0.0.1");
  const discovery = client(counted);
  const names = Array.from({ length: WATCHED }, (_, index) => `service-${index}`);
  for (const name of names) await discovery.pick(name);
  await sleep(2000);
  count = 0;
  for (const until = Date.now() + QUIET_MS; Date.now() < until; await sleep(100))
    for (const name of names) await discovery.pick(name);
  const perHour = (count * 3_600_000) / QUIET_MS;
  await discovery.close();
  proxy.close();
  proxy.closeAllConnections();
  const cached = (WATCHED * 3_600_000) / 30_000;
  return [
    [
      `calls to Consul in an hour, ${WATCHED} services in use that do not change`,
      `${perHour.toFixed(0)} (counted for ${QUIET_MS / 1000} s)`,
      `${cached} with a cache of 30 s (by reckoning); a change is seen within 30 s, not at once`,
      "",
    ],
  ];
}

function client(port: number) {
  return createDiscovery({ env: {}, host: "127.0.0.1", port });
}

async function nanoseconds(times: number, work: () => unknown): Promise<number> {
  for (let n = 0; n < Math.min(times, 1000); n++) await work();
  const begun = process.hrtime.bigint();
  for (let n = 0; n < times; n++) {
    const made = work();
    if (made instanceof Promise) await made;
  }
  return Number(process.hrtime.bigint() - begun) / times;
}

function heap(): number {
  setFlagsFromString("--expose_gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}

/** Puts the services into Consul's catalog, a node for each instance. */
async function registered(address: string): Promise<void> {
  const put = (body: object) =>
    fetch(`${address}/v1/catalog/register`, {
      method: "PUT",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
  await waitUntil({
    seconds: 30,
    pauseMs: 100,
    look: async () => {
      const made = await put({ Node: "node-0", Address: "10.0.0.1" }).catch(() => undefined);
      return unless(made?.ok === true ? "" : "Consul");
    },
  });
  report(`registering ${SERVICES} services of ${INSTANCES} instances`);
  for (let service = 0; service < SERVICES; service++)
    for (let instance = 0; instance < INSTANCES; instance++) {
      const [Node, Name] = [`node-${instance}`, `service-${service}`];
      const Service = {
        ID: `${Name}-${instance}`,
        Service: Name,
        Address: `10.0.1.${instance}`,
        Port: 8000 + instance,
      };
      await put({ Node, Address: `10.0.0.${instance + 1}`, Service });
    }
}

/** The Consul of the platform's image, as a program of this machine. */
async function consulBinary(folder: string): Promise<string> {
  const settings = readSettings();
  const { settings: decided } = await setUp(settings, readCatalog(settings.catalogFolder));
  const container = (await docker(["create", imageRef("consul", decided.images ?? "official"), "true"])).trim();
  const binary = join(folder, "consul");
  try {
    await run("docker", ["cp", "--follow-link", `${container}:/bin/consul`, binary]);
  } finally {
    await docker(["rm", "--force", "--volumes", container]);
  }
  return binary;
}
