import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleProgram } from "../../../../lib/docker/bundle.js";
import { unless, waitUntil } from "../../../../lib/wait-until.js";
import { FakeServer } from "../../../support/fake-servers.js";
import { definition, NODE } from "../../../support/monitor-fixtures.js";
import { selfSigned } from "../../../support/self-signed.js";

// The program as it is bundled, in a process of its own, before two servers over TLS.

const NAME = "server.dc1.consul";
let folder: string;
let consul: FakeServer;
let port: number;
let child: ChildProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-monitor-"));
  const { certPem, keyPem } = selfSigned(NAME);
  consul = new FakeServer(certPem, keyPem);
  const serverPort = await consul.listen();
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const place = free.address();
  port = typeof place === "object" && place !== null ? place.port : 0;
  free.close();
  const files = {
    "monitor.mjs": bundleProgram("monitor"),
    "ca.pem": certPem,
    "pair.pem": certPem + keyPem,
    token: "geheim\n",
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const config = {
    // Nobody listens at the first.
    servers: [
      { name: "consul-server-1", address: "127.0.0.2" },
      { name: "consul-server-2", address: "127.0.0.1" },
    ],
    ...{ serverPort, serverName: NAME, node: NODE, prefix: "catalog/", folder: join(folder, "history") },
    ...{ caFile: join(folder, "ca.pem"), pairFile: join(folder, "pair.pem"), tokenFile: join(folder, "token") },
    ...{ agent: `127.0.0.1:${serverPort}`, gateway: `127.0.0.1:${serverPort}` },
    facts: { dynamic: [], coexist: false, services: {} },
  };
  writeFileSync(join(folder, "monitor.json"), JSON.stringify(config));
  consul.kv.set("catalog/user-platform/billing", definition("billing"));
  consul.services.set("billing", "billing");
  say("passing");
  start();
});
afterAll(async () => {
  child.kill();
  await once(child, "exit");
  await consul.close();
  rmSync(folder, { recursive: true });
});

function start(): void {
  child = spawn(process.execPath, [join(folder, "monitor.mjs"), join(folder, "monitor.json"), String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** What billing's check says from now on. */
function say(status: string): void {
  const none = { Node: NODE, ServiceID: "", ServiceName: "", Output: "" };
  consul.checks.splice(0, consul.checks.length, { ...none, CheckID: "serfHealth", Status: "passing" });
  consul.checks.push({
    ...{ Node: NODE, ServiceID: "billing", ServiceName: "billing", CheckID: "billing:http" },
    ...{ Status: status, Output: `it is ${status}` },
  });
  consul.changed();
}

async function ask(path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

/** Waits until the metrics have a line. */
function until(line: string): Promise<unknown> {
  const look = async () => unless((await ask("/metrics").catch(() => "")).split("\n").includes(line) ? "" : line);
  return waitUntil({ seconds: 60, pauseMs: 100, look });
}

async function events(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await ask("/events?after=0"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const UP = 'rollcall_service_up{service="billing",team="user-platform"}';

test("a change is seen at once, and a monitor that is killed has neither a gap nor a duplicate", async () => {
  await until(`${UP} 1`);
  say("critical");
  await until(`${UP} 0`);
  child.kill("SIGKILL");
  await once(child, "exit");
  say("passing");
  start();
  await until(`${UP} 1`);
  const facts = (await events()).map(({ event, check, from, to }) => event ?? [check, from, to]);
  expect(facts).toEqual([
    "monitor-started",
    [null, null, "passing"],
    ["billing:http", null, "passing"],
    [null, "passing", "critical"],
    ["billing:http", "passing", "critical"],
    "monitor-started",
    [null, "critical", "passing"],
    ["billing:http", "critical", "passing"],
  ]);
  expect((await events()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("each question asks a server for what it knows itself, and nobody is asked more than once a second", async () => {
  const reads = consul.asked.filter((path) => !path.startsWith("/v1/status/"));
  expect(reads.length).toBeGreaterThan(5);
  expect(reads.filter((path) => !/[?&]stale(&|$)/.test(path))).toEqual([]);
  expect(reads.filter((path) => /[?&]index=\d+&wait=5s$/.test(path)).length).toBeGreaterThan(0);
  const before = consul.asked.length;
  for (let count = 0; count < 20; count += 1) {
    say(count % 2 === 0 ? "critical" : "passing");
    await new Promise((done) => setTimeout(done, 50));
  }
  await until(`${UP} 1`);
  const asked = consul.asked.slice(before).filter((path) => path.startsWith("/v1/health/"));
  expect(asked.length).toBeLessThanOrEqual(4);
});

test("what is shown in handshakes and said by the servers stands in the metrics", async () => {
  await until('rollcall_consul_leader{server="consul-server-2"} 1');
  const text = await ask("/metrics");
  for (const part of ["ca", "server-2", "agent", "gateway"])
    expect(text).toMatch(new RegExp(`rollcall_certificate_not_after_timestamp_seconds\\{part="${part}"\\} \\d{10}\\n`));
  expect(text).not.toContain("consul-server-1");
  expect(text).toMatch(/rollcall_host_memory_ratio 0\.\d+\n/);
});

test("a token that sees less is no empty catalog: the monitor says that it cannot know", async () => {
  consul.token = "another";
  consul.changed();
  await until("rollcall_consul_reachable 0");
  await until('rollcall_service_instances{service="billing",team="user-platform",state="unknown"} 1');
  expect(await ask("/metrics")).not.toContain("rollcall_service_up");
  expect(await ask("/health")).toContain("403");
  consul.token = "geheim";
  await until(`${UP} 1`);
  expect((await events()).slice(-2).map(({ event }) => event)).toEqual(["blind-from", "blind-to"]);
}, 120_000);
