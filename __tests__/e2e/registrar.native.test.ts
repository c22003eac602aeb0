/**
 * @needs nothing
 * @areas programs/registrar lib/consul/registrar lib/consul/agents/agent-config.ts lib/catalog/definition.ts lib/catalog/definition-schema.ts
 * @seconds 300
 * @command test:all
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { bundleProgram } from "../../lib/docker/bundle.js";
import { unless, waitUntil } from "../../lib/wait-until.js";
import { freePorts } from "../../ops/platform/free-ports.js";
import { render } from "../../ops/verbs/catalog/in-words.js";
import { anyCatalog } from "../support/catalog-generator.js";
import { catalogOf } from "../support/catalog-helpers.js";

/**
 * The registrar against a real server and a real agent, as processes on the loopback address, with TLS and ACL (deny by
 * default). It needs curl and a Consul binary, named by ROLLCALL_TEST_CONSUL; `npm test` sees to them.
 */
const consulBinary = process.env.ROLLCALL_TEST_CONSUL ?? "";
if (consulBinary === "") throw new Error("run it by `npm test`, or name a Consul binary in ROLLCALL_TEST_CONSUL");
const node = "consul-agent-shared";

interface Check {
  readonly Node: string;
  readonly CheckID: string;
  readonly Status: string;
  readonly ServiceID: string;
  readonly ServiceTags: readonly string[];
  readonly Output: string;
}
interface Definition {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly checks: readonly Readonly<Record<string, unknown>>[];
}

const home = mkdtempSync(join(tmpdir(), "registrar-"));
const at = (...path: string[]) => join(home, ...path);
const token = { management: randomUUID(), agent: randomUUID(), registration: randomUUID(), registrar: randomUUID() };
const processes: ChildProcess[] = [];
/** Services whose stand-in answers 503. */
const down = new Set<string>();
/** Services whose stand-in answers with a redirect to what another's answers. */
const redirected = new Set<string>();
/** When each stand-in was asked. */
const asked = new Map<string, number[]>();
/** Command lines seen while the tests ran. */
const commandLines = new Set<string>();
let https: Agent;
let ports: readonly number[];
let serverPort = 0;
let standIn: Server;
let standInPort = 0;
let agentProcess: ChildProcess;
let registrarProcess: ChildProcess;
let registrarLog = "";

function start(command: string, args: readonly string[], log: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const write = (chunk: Buffer) => writeFileSync(at(log), chunk, { flag: "a" });
  child.stdout?.on("data", write);
  child.stderr?.on("data", write);
  processes.push(child);
  return child;
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const payload = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = { "X-Consul-Token": token.management };
    const sent = request(
      { host: "127.0.0.1", port: serverPort, method, path, agent: https, headers, timeout: 5000 },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          const type = response.headers["content-type"] ?? "";
          if ((response.statusCode ?? 500) >= 300)
            reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          else resolve(type.includes("json") ? JSON.parse(text) : text);
        });
      },
    );
    sent.on("error", reject);
    sent.end(payload);
  });
}

/** Waits until the condition holds and gives the milliseconds that it took. A loaded machine gets five times as long. */
async function until(what: string, condition: () => Promise<boolean> | boolean, seconds: number): Promise<number> {
  const begun = Date.now();
  await waitUntil({
    seconds: seconds * 5,
    pauseMs: 25,
    look: async () => unless((await Promise.resolve(condition()).catch(() => false)) ? "" : what),
    late: () => {
      throw new Error(`${what}: not within ${seconds} s\n${registrar("health").output}${registrarLog.slice(-2000)}`);
    },
  });
  return Date.now() - begun;
}

async function checks(): Promise<readonly Check[]> {
  return ((await call("GET", "/v1/health/state/any")) as Check[]).filter((check) => check.Node === node);
}
async function statusOf(service: string): Promise<string> {
  return (await checks()).find((check) => check.ServiceID === service)?.Status ?? "absent";
}

/** Polls 20 times a second while something happens; gives every service's statuses in the order seen. */
async function watching(action: () => Promise<void>): Promise<ReadonlyMap<string, readonly string[]>> {
  const seen = new Map<string, string[]>();
  let ended = false;
  const poll = (async () => {
    while (!ended) {
      const now = await checks();
      const alive = now.some((check) => check.CheckID === "serfHealth" && check.Status === "passing");
      const status = new Map(now.map((check) => [check.ServiceID, alive ? check.Status : "node down"]));
      for (const service of new Set([...seen.keys(), ...status.keys()])) {
        const list = seen.get(service) ?? [];
        const last = status.get(service) ?? "absent";
        if (list.at(-1) !== last) list.push(last);
        seen.set(service, list);
      }
      await sleep(50);
    }
  })();
  try {
    await action();
    await sleep(150);
  } finally {
    ended = true;
    await poll;
  }
  seen.delete("");
  return seen;
}

function definition(service: string, changes: Partial<Definition> = {}, interval = "10s"): Definition {
  const http = `http://127.0.0.1:${standInPort}/${service}`;
  const check = { id: `${service}:http`, name: "HTTP GET /health", http, method: "GET", interval, timeout: "5s" };
  return {
    id: service,
    name: service,
    address: `isa-${service}`,
    port: 8216,
    tags: ["v1", "staging"],
    meta: { team: "user-platform", version: "1.0.0" },
    checks: [{ ...check, deregister_critical_service_after: "60s" }],
    ...changes,
  };
}
const key = (service: string, team = "user-platform") => `/v1/kv/catalog/${team}/${service}`;
const put = (service: string, value: unknown, team?: string) => call("PUT", key(service, team), value);
const name = (index: number) => `svc_${String(index).padStart(2, "0")}_service`;
const files = () => readdirSync(at("definitions")).filter((file) => file.endsWith(".json"));

function startAgent(): void {
  const args = ["agent", "-config-file", at("agent.json"), "-config-dir", at("definitions")];
  agentProcess = start(consulBinary, args, "agent.log");
}
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}
const registrarEnv = () => ({
  CONSUL_HTTP_ADDR: `https://127.0.0.1:${ports[3]}`,
  CONSUL_CACERT: at("consul-agent-ca.pem"),
  REGISTRAR_TOKEN_FILE: at("registrar.token"),
  REGISTRATION_TOKEN_FILE: at("registration.token"),
  REGISTRAR_NODE: node,
  REGISTRAR_PORT: String(ports[5]),
  DEFINITIONS: at("definitions"),
});
function startRegistrar(): void {
  registrarProcess = start(process.execPath, [at("registrar.mjs")], "registrar.log", registrarEnv());
  registrarProcess.stdout?.on("data", (chunk) => {
    registrarLog += chunk;
  });
}
/** What the registrar answers, and 0 where all is well. What it refuses is a line a value: key TAB reason. */
function registrar(what: "health" | "refused"): { code: number; output: string } {
  const asked = [
    "--silent",
    "--max-time",
    "5",
    "--write-out",
    "\n%{http_code}",
    `http://127.0.0.1:${ports[5]}/${what}`,
  ];
  const [, text = "", status] = /^(.*)\n(\d+)$/s.exec(spawnSync("curl", asked, { encoding: "utf8" }).stdout) ?? [];
  const refused = () =>
    (JSON.parse(text) as { key: string; reason: string }[]).map((each) => `${each.key}\t${each.reason}\n`);
  return { code: status === "200" ? 0 : 1, output: what === "refused" && text !== "" ? refused().join("") : text };
}
const rules = {
  registrar: `key_prefix "catalog/" { policy = "read" } node "${node}" { policy = "read" } service_prefix "" { policy = "write" }`,
  registration: `service_prefix "" { policy = "write" }`,
  agent: `node "${node}" { policy = "write" }`,
};
async function setRules(policy: keyof typeof rules, text: string): Promise<void> {
  const { ID } = (await call("GET", `/v1/acl/policy/name/${policy}`)) as { ID: string };
  await call("PUT", `/v1/acl/policy/${ID}`, { Name: policy, Rules: text });
}

describe("the registrar with a real agent", () => {
  jest.setTimeout(240_000);
  const sampler = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        commandLines.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {
        // It ended meanwhile.
      }
    }
  }, 100);

  beforeAll(async () => {
    mkdirSync(at("definitions"));
    writeFileSync(at("registrar.mjs"), bundleProgram("registrar"));
    const tls = (...args: string[]) => execFileSync(consulBinary, ["tls", ...args], { cwd: home });
    tls("ca", "create");
    tls("cert", "create", "-server", "-additional-ipaddress=127.0.0.1");
    tls("cert", "create", "-client", "-additional-ipaddress=127.0.0.1");
    https = new Agent({ keepAlive: true, ca: readFileSync(at("consul-agent-ca.pem")) });
    ports = await freePorts(6);
    const [rpc, serfServer, httpsServer, httpsAgent, serfAgent] = ports;
    serverPort = httpsServer ?? 0;
    const off = { http: -1, dns: -1, grpc: -1, grpc_tls: -1, serf_wan: -1 };
    const common = (role: string) => ({
      data_dir: at(`data-${role}`),
      bind_addr: "127.0.0.1",
      disable_update_check: true,
      log_level: "WARN",
      tls: {
        defaults: {
          ca_file: at("consul-agent-ca.pem"),
          cert_file: at(`dc1-${role}-consul-0.pem`),
          key_file: at(`dc1-${role}-consul-0-key.pem`),
          verify_outgoing: true,
        },
        internal_rpc: { verify_server_hostname: true },
      },
    });
    const acl = { enabled: true, default_policy: "deny", policy_ttl: "1s", token_ttl: "1s" };
    const { management: initial_management, agent, registration: config_file_service_registration } = token;
    writeFileSync(
      at("server.json"),
      JSON.stringify({
        ...common("server"),
        server: true,
        bootstrap_expect: 1,
        node_name: "server-1",
        ports: { ...off, server: rpc, serf_lan: serfServer, https: httpsServer },
        performance: { raft_multiplier: 1 },
        acl: { ...acl, tokens: { initial_management, agent: initial_management } },
      }),
    );
    writeFileSync(
      at("agent.json"),
      JSON.stringify({
        ...common("client"),
        node_name: node,
        retry_join: [`127.0.0.1:${serfServer}`],
        ports: { ...off, server: rpc, serf_lan: serfAgent, https: httpsAgent },
        leave_on_terminate: false,
        acl: { ...acl, tokens: { agent, config_file_service_registration } },
      }),
    );
    standIn = createServer((incoming, answer) => {
      const service = (incoming.url ?? "").slice(1);
      asked.set(service, [...(asked.get(service) ?? []), Date.now()]);
      answer.statusCode = down.has(service) ? 503 : redirected.has(service) ? 302 : 200;
      if (redirected.has(service)) answer.setHeader("Location", "/elsewhere");
      answer.end('the stand-in\'s "answer" [{}]\\');
    });
    await new Promise<void>((done) => standIn.listen(0, "127.0.0.1", done));
    standInPort = (standIn.address() as AddressInfo).port;
    start(consulBinary, ["agent", "-config-file", at("server.json")], "server.log");
    await until("a leader", async () => ((await call("GET", "/v1/acl/tokens")) as unknown[]).length > 0, 30);
    for (const policy of ["agent", "registration", "registrar"] as const) {
      await call("PUT", "/v1/acl/policy", { Name: policy, Rules: rules[policy] });
      await call("PUT", "/v1/acl/token", { SecretID: token[policy], Policies: [{ Name: policy }] });
      writeFileSync(at(`${policy}.token`), token[policy]);
    }
    startAgent();
    await until("the agent", async () => (await checks()).length > 0, 30);
  });

  afterAll(async () => {
    clearInterval(sampler);
    if (registrarProcess.exitCode === null) await end(registrarProcess, "SIGTERM");
    await Promise.all(
      processes
        .filter((child) => child.exitCode === null && child.signalCode === null)
        .map((child) => end(child, "SIGKILL")),
    );
    await new Promise((done) => standIn.close(done));
    https.destroy();
    rmSync(home, { recursive: true, force: true });
  });

  test("carries 40 services, each critical until its check has passed", async () => {
    for (let index = 0; index < 40; index++) await put(name(index), definition(name(index)));
    const seen = await watching(async () => {
      startRegistrar();
      const took = await until("40 in the agent", async () => (await checks()).length === 41, 20);
      console.log(`first batch: 40 services in the agent ${took} ms after the registrar's start`);
      await until("40 passing", async () => (await checks()).every((check) => check.Status === "passing"), 25);
    });
    expect(seen.size).toBe(40);
    // A check may run before the next poll; none is ever anything but critical before it has passed.
    for (const statuses of seen.values()) expect(statuses.slice(-2).join(" to ")).toMatch(/^(critical to )?passing$/);
    expect([...seen.values()].filter((statuses) => statuses[0] === "critical").length).toBeGreaterThan(20);
    await until("healthy", () => registrar("health").code === 0, 5);
    expect(registrar("health").output).toBe("40 services carried\n");
    await until(
      "status kept",
      () => !files().some((file) => readFileSync(at("definitions", file), "utf8").includes('critical"')),
      2,
    );
  });

  test("a changed tag is live within 3 s and no service leaves the passing set", async () => {
    const took: number[] = [];
    const seen = await watching(async () => {
      for (const tag of ["a", "b", "c"]) {
        await put(name(7), definition(name(7), { tags: [tag] }));
        took.push(
          await until(
            "the tag",
            async () => (await checks()).find((check) => check.ServiceID === name(7))?.ServiceTags[0] === tag,
            10,
          ),
        );
        await sleep(500);
      }
    });
    expect(Math.min(...took)).toBeLessThan(3000);
    console.log(`a changed tag was live after ${took.join(", ")} ms`);
    for (const statuses of seen.values()) expect(statuses).toEqual(["passing"]);
  });

  test("a new service is checked at once, whatever its interval, and no other check is delayed by it", async () => {
    const check = {
      id: "quick:tcp",
      name: "TCP connect",
      tcp: `127.0.0.1:${standInPort}`,
      interval: "30s",
      timeout: "3s",
    };
    const begun = Date.now();
    await put("quick", definition("quick", { checks: [check] }));
    const took = await until("passing", async () => (await statusOf("quick")) === "passing", 3);
    console.log(`a new TCP service with an interval of 30 s passed after ${took} ms`);
    expect(took).toBeLessThan(3000);
    const [http] = definition("often").checks;
    await put("often", definition("often", { checks: [{ ...http, interval: "3s", success_before_passing: 3 }] }));
    await until("passing", async () => (await statusOf("often")) === "passing", 3);
    down.add("often");
    await until("critical", async () => (await statusOf("often")) === "critical", 8);
    down.delete("often");
    // Consul counts from the second result on: three in a row at its own interval, no sooner than two of them.
    expect(await until("passing", async () => (await statusOf("often")) === "passing", 20)).toBeGreaterThan(5500);
    await sleep(Math.max(0, 22_000 - (Date.now() - begun)));
    const gaps = (times: readonly number[]) => times.slice(1).map((time, n) => time - (times[n] ?? 0));
    for (let index = 10; index < 40; index++) {
      const since = (asked.get(name(index)) ?? []).filter((time) => time > begun);
      expect(since.length).toBeGreaterThan(1);
      expect(Math.max(...gaps(since))).toBeLessThan(11_500);
    }
    expect(readFileSync(at("definitions/user-platform.quick.json"), "utf8")).toContain('"interval":"30s"');
    for (const service of ["quick", "often"]) await call("DELETE", key(service));
    await until("gone", async () => (await statusOf("often")) === "absent", 5);
  });

  test("a check that asks elsewhere starts as critical, the others stay", async () => {
    const http = `http://127.0.0.1:${standInPort}/other`;
    const moved = definition(name(8), {
      port: 9999,
      checks: [{ ...definition(name(8)).checks[0], http, interval: "3s" }],
    });
    const seen = await watching(async () => {
      await put(name(8), moved);
      await until("critical", async () => (await statusOf(name(8))) === "critical", 10);
      await until("passing", async () => (await statusOf(name(8))) === "passing", 15);
    });
    expect(seen.get(name(8))?.filter((status) => status !== "absent")).toEqual(["passing", "critical", "passing"]);
    seen.forEach((statuses, service) => {
      if (service !== name(8)) expect(statuses).toEqual(["passing"]);
    });
  });

  test("a check that follows no redirect and tells no answer does so in the agent, at once and after its restart", async () => {
    const [check] = definition(name(10)).checks;
    const strict = { disable_redirects: true, output_max_size: 1 };
    const output = async () => (await checks()).find(({ ServiceID }) => ServiceID === name(10))?.Output;
    redirected.add(name(10));
    await put(name(10), definition(name(10), { checks: [{ ...check, interval: "1s" }] }));
    await until("followed", async () => (await output())?.includes("answer") === true, 20);
    expect(await statusOf(name(10))).toBe("passing");
    const seen = await watching(async () => {
      await put(name(10), definition(name(10), { checks: [{ ...check, interval: "1s", ...strict }] }));
      await until("not followed", async () => (await statusOf(name(10))) === "critical", 10);
    });
    // It was not registered again: nothing but an attempt takes a service that passes from the passing set.
    expect(seen.get(name(10))).toEqual(["passing", "critical"]);
    const told = `HTTP GET http://127.0.0.1:${standInPort}/${name(10)}: 302 Found Output: \\`;
    expect(await output()).toBe(told);
    await end(agentProcess, "SIGTERM");
    startAgent();
    await sleep(3000);
    expect(await statusOf(name(10))).toBe("critical");
    redirected.delete(name(10));
    await until("passing", async () => (await statusOf(name(10))) === "passing", 10);
    await put(name(10), definition(name(10)));
    await until("healthy", () => registrar("health").code === 0, 20);
  });

  test("refuses what is not a plain service, names it, and serves the others", async () => {
    const bad: Record<string, unknown> = {
      broken: "{not json",
      command: { ...definition("command"), checks: [{ id: "command:x", args: ["sh", "-c", "id"], interval: "10s" }] },
      foreign: definition("another_name"),
      secret: { ...definition("secret"), token: "x" },
      meta: definition("meta", { meta: { team: "user-platform", note: "x".repeat(600) } }),
    };
    for (const [service, value] of Object.entries(bad)) await put(service, value);
    await put("good", definition("good", {}, "1s"));
    await put(name(9), definition(name(9), { port: 0 }));
    await until("the good one", async () => (await statusOf("good")) === "passing", 8);
    const refused = registrar("refused").output;
    expect(refused).toContain("catalog/user-platform/broken\tvalue: not valid JSON");
    expect(refused).toContain("catalog/user-platform/command\tchecks[0].args: a check may not run a command");
    expect(refused).toContain("catalog/user-platform/foreign\tname: must be the service in the key");
    expect(refused).toContain("catalog/user-platform/secret\ttoken: a definition may not carry a token");
    expect(refused).toContain("catalog/user-platform/meta\tmeta.note: is longer than 512 bytes");
    expect(refused).toMatch(/svc_09_service\tport: must be .*; the earlier definition stays/);
    expect(registrar("health")).toEqual({
      code: 1,
      output: expect.stringContaining("6 refused; the first: catalog/user-platform/broken"),
    });
    expect(await statusOf(name(9))).toBe("passing");
    for (const service of Object.keys(bad)) expect(await statusOf(service)).toBe("absent");
    expect(registrarLog.match(/refused catalog\/user-platform\/broken/g)).toHaveLength(1);
    for (const service of [...Object.keys(bad), "good"]) await call("DELETE", key(service));
    await put(name(9), definition(name(9)));
    await until("nothing refused", () => registrar("health").code === 0, 5);
    await until("good gone", async () => (await statusOf("good")) === "absent", 5);
  });

  test("a restart of the agent takes nothing from the passing set and advertises nothing that is down", async () => {
    down.add(name(1));
    await until("critical", async () => (await statusOf(name(1))) === "critical", 15);
    const file = at(`definitions/user-platform.${name(1)}.json`);
    const kept = await until("status kept", () => readFileSync(file, "utf8").includes('"status":"critical"'), 2);
    console.log(`a check's new status was in its file ${kept} ms after Consul showed it`);
    const seen = await watching(async () => {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        await end(agentProcess, signal);
        startAgent();
        await sleep(6000);
      }
      await end(agentProcess, "SIGTERM");
      startAgent();
      await sleep(700);
      await put(name(2), definition(name(2), { tags: ["after-restart"] }));
      const live = await until(
        "the tag",
        async () => (await checks()).find((check) => check.ServiceID === name(2))?.ServiceTags[0] === "after-restart",
        10,
      );
      console.log(`a change put 0.7 s after the agent's restart was live after ${live} ms`);
      expect(live).toBeLessThan(3000);
    });
    seen.forEach((statuses, service) => {
      expect([service, statuses]).toEqual([service, [service === name(1) ? "critical" : "passing"]]);
    });
    down.delete(name(1));
    await until("passing", async () => (await statusOf(name(1))) === "passing", 15);
  });

  test("a service removed while the agent is down does not come back with it", async () => {
    await end(agentProcess, "SIGTERM");
    const removal = call("DELETE", key(name(3)));
    startAgent();
    await removal;
    await until("gone", async () => (await statusOf(name(3))) === "absent", 10);
    await end(agentProcess, "SIGTERM");
    startAgent();
    await sleep(3000);
    expect(await statusOf(name(3))).toBe("absent");
    await put(name(3), definition(name(3)));
    await until("back", async () => (await statusOf(name(3))) === "passing", 20);
  });

  test("a token that may not read is not an empty catalog", async () => {
    const seen = await watching(async () => {
      await setRules("registrar", rules.registrar.replace(/key_prefix[^}]*}/, ""));
      await until("unhealthy", () => registrar("health").output.includes("cannot be confirmed"), 45);
      await setRules("registrar", rules.registrar);
      await until("healthy", () => registrar("health").code === 0, 20);
    });
    for (const statuses of seen.values()) expect(statuses).toEqual(["passing"]);
    expect(files()).toHaveLength(40);
  });

  test("a service that the agent refuses is named, tried again, and holds up nobody", async () => {
    await setRules("registration", `service_prefix "svc_" { policy = "write" }`);
    await sleep(2500);
    await put("aaa_foreign", definition("aaa_foreign", {}, "1s"));
    await put(name(4), definition(name(4), { tags: ["beside"] }));
    await until(
      "beside",
      async () => (await checks()).find((check) => check.ServiceID === name(4))?.ServiceTags[0] === "beside",
      6,
    );
    await until("named", () => /aaa_foreign\tagent refused: 403/.test(registrar("refused").output), 5);
    expect(registrar("health").code).toBe(1);
    await setRules("registration", rules.registration);
    await until("registered", async () => (await statusOf("aaa_foreign")) === "passing", 20);
    await until("healthy", () => registrar("health").code === 0, 5);
    // Its right to the name goes first, as when the policy is applied before the catalog.
    await setRules("registration", `service_prefix "svc_" { policy = "write" }`);
    await sleep(2500);
    await call("DELETE", key("aaa_foreign"));
    await until("deregistered", async () => (await statusOf("aaa_foreign")) === "absent", 8);
    await setRules("registration", rules.registration);
  });

  test("what changes while the registrar is dead is carried when it starts again", async () => {
    await end(registrarProcess, "SIGTERM");
    down.add(name(5));
    await put("late", definition("late", {}, "1s"));
    await call("DELETE", key(name(6)));
    await until("critical", async () => (await statusOf(name(5))) === "critical", 15);
    const seen = await watching(async () => {
      startRegistrar();
      await until("late", async () => (await statusOf("late")) === "passing", 8);
      await until("removed", async () => (await statusOf(name(6))) === "absent", 8);
    });
    for (const service of [5, 6, 0].map(name))
      expect(seen.get(service)).not.toContain(service === name(5) ? "passing" : "critical");
    down.delete(name(5));
  });

  test("a service that Consul has dropped is back without anybody's help", async () => {
    down.add("late");
    await until("critical", async () => (await statusOf("late")) === "critical", 5);
    const dropped = await until("dropped", async () => (await statusOf("late")) === "absent", 120);
    down.delete("late");
    const back = await until("back", async () => (await statusOf("late")) === "passing", 60);
    console.log(`dropped by Consul after ${dropped} ms, registered again and passing ${back} ms later`);
  });

  test("an emptied catalog is honoured, and TERM ends the registrar at once", async () => {
    await call("DELETE", "/v1/kv/catalog/?recurse");
    const took = await until("all gone", async () => (await checks()).length === 1, 30);
    console.log(`an emptied catalog of 40 was gone from the agent after ${took} ms`);
    expect(files()).toHaveLength(0);
    const begun = Date.now();
    await end(registrarProcess, "SIGTERM");
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  test("no token was on a command line, in the log or in a file of the registrar", () => {
    expect([...commandLines].some((line) => line.includes("registrar.mjs"))).toBe(true);
    const written = readdirSync(home, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() &&
          /run|definitions|registrar\.log/.test(join(entry.parentPath, entry.name).slice(home.length)),
      )
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    for (const secret of Object.values(token)) {
      expect([...commandLines].filter((line) => line.includes(secret))).toEqual([]);
      expect(written.filter((text) => text.includes(secret))).toEqual([]);
    }
  });
});

test("whatever lint accepts, consul validate accepts: 1,000 generated catalogs", () => {
  const folder = mkdtempSync(join(tmpdir(), "validate-"));
  const catalogs = fc.sample(anyCatalog, { numRuns: 1000, seed: 2 }).map(catalogOf);
  const begun = Date.now();
  const validate = (text: string) => {
    writeFileSync(join(folder, "services.json"), text);
    const files = ["agent.json", "services.json"].map((name) => join(folder, name));
    return spawnSync(consulBinary, ["validate", "-quiet", ...files], { encoding: "utf8" });
  };
  try {
    writeFileSync(join(folder, "agent.json"), JSON.stringify({ bind_addr: "127.0.0.1", data_dir: folder }));
    // Fifty at a time, each service once: starting Consul 1,000 times would take minutes.
    for (let from = 0; from < catalogs.length; from += 50) {
      const services = catalogs.slice(from, from + 50).flatMap((catalog) => catalog.services);
      const distinct = [...new Map(services.map((service) => [service.id, service])).values()];
      const { status, stdout, stderr } = validate(render({ teams: [], services: distinct, dynamic: [] }));
      expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
    }
    // It can refuse as well.
    expect(validate('{"services":[{"name":"x","port":"many"}]}').status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`1,000 catalogs validated in ${Date.now() - begun} ms`);
});
