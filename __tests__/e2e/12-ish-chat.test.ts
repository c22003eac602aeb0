/**
 * @needs clone
 * @areas service-catalog/examples lib/consul/prober programs/prober discovery/src/shared lib/catalog/checks lib/catalog/checks.ts
 *   lib/catalog/host.ts stacks/further-images.ts
 * @seconds 270
 */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfSigned } from "../support/self-signed.js";
import { Applications } from "./support/application.js";
import { type Call, toAgent } from "./support/http.js";
import { Instance } from "./support/instance.js";
import { docker, type Ended, platform, until } from "./support/platform.js";

/** The example of docs/catalog.md, as a person would run it, on a cheap platform of its own. */
let chat: Instance;
let upped: Ended;
const settings = {
  ROLLCALL_CATALOG: "service-catalog/examples/ish-chat",
  ROLLCALL_DATACENTER: "ish-chat-dc1",
  ROLLCALL_WORKLOADS: "on",
};

/** One that nobody asks: it has to tell, every 5 s. */
const REPORTED = "report_service: { port: 9000, address: ish-report, check: { kind: ttl, ttl: 5s } }";

/** One that is checked on a management port, under its id, with a tag as Fabio reads it. */
const MANAGED =
  'managed_service: { port: 9100, address: "ish-{name}", tags: ["urlprefix-/m strip=/m"], ' +
  'check: { kind: http, path: "/health/{id}", port: 9101, interval: 5s, timeout: 2s } }';

interface Entry {
  readonly Service: {
    readonly ID: string;
    readonly Meta: Record<string, string>;
    readonly Weights: { readonly Passing: number; readonly Warning: number };
  };
  readonly Checks: readonly { readonly CheckID: string; readonly Status: string; readonly Output: string }[];
}

/** A copy of the example with one more team; gives what puts the platform onto it. */
function withTeam(name: string, service: string): Record<string, string> {
  const folder = join(chat.folder, `catalog-with-${name}`);
  cpSync(join(platform().folder, settings.ROLLCALL_CATALOG), folder, { recursive: true });
  writeFileSync(join(folder, `${name}.yaml`), `team: ${name}\nservices:\n  ${service}\n`);
  return { ...settings, ROLLCALL_CATALOG: folder };
}

beforeAll(async () => {
  chat = await Instance.create(`ish${process.pid % 1000}-`);
  upped = await chat.run("up", settings);
});
afterAll(() => chat.remove());

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${chat.httpPort}${path}`);
  return (await answer.json()) as T;
}

/** The instances of a service that pass, by their ids. */
async function passing(service: string): Promise<readonly string[]> {
  const entries = await ask<readonly Entry[]>(`/v1/health/service/${service}?passing`);
  return entries.map(({ Service }) => Service.ID).sort();
}

/** Status and output of each of a service's own checks, by its id. */
async function checksOf(service: string): Promise<Readonly<Record<string, readonly [string, string]>>> {
  const entries = await ask<readonly Entry[]>(`/v1/health/service/${service}`);
  const checks = entries.flatMap(({ Checks }) => Checks).filter(({ CheckID }) => CheckID !== "serfHealth");
  return Object.fromEntries(checks.map(({ CheckID, Status, Output }) => [CheckID, [Status, Output] as const]));
}

/** A request to the shared agent of this platform. */
const toOwnAgent = (call: Call) => toAgent(call, `${chat.prefix}consul-agent-shared`);

/** A check as the shared agent itself has it. */
async function checkOnAgent(id: string): Promise<{ readonly Status: string; readonly Output: string } | undefined> {
  const { body } = await toOwnAgent({ method: "GET", path: "/v1/agent/checks" });
  return (JSON.parse(body) as Record<string, { readonly Status: string; readonly Output: string }>)[id];
}

/** What the prober answers the agent, as the agent would ask it. */
function probe(path: string): Promise<string> {
  const script = 'wget -q -O - "$1" 2>&1 || true';
  return docker(
    "exec",
    `${chat.prefix}consul-agent-shared`,
    "sh",
    "-c",
    script,
    "sh",
    `http://consul-prober:8080${path}`,
  );
}

test("npx rollcall up runs the example until every service of it passes", () => {
  expect(upped).toMatchObject({ code: 0 });
  expect(upped.stdout).toMatch(/ai-providers +4 of +4 +passing/);
  // A busy machine warns, which is no reason for `up` to fail.
  expect(upped.stdout).toMatch(/core +[34] of +4 /);
  expect(upped.stdout).toMatch(/support +5 of +5 +passing/);
});

test("the services of the seed are in its datacenter", async () => {
  expect(Object.keys(await ask<object>("/v1/catalog/services?dc=ish-chat-dc1")).sort()).toEqual(
    [
      ...["api_gateway", "cache", "claude", "consul", "database", "instance_manager", "intelligent_router"],
      ...["load_balancer", "monitoring", "openai", "perplexity", "zai"],
    ].sort(),
  );
});

test("the two instances of the router have their ids, regions and weights", async () => {
  const entries = await ask<readonly Entry[]>("/v1/health/service/intelligent_router?passing");
  const seen = entries.map(({ Service: { ID, Meta, Weights } }) => [ID, Meta.region, Weights]);
  expect(seen.toSorted()).toEqual([
    ["router-eu", "eu-central", { Passing: 10, Warning: 1 }],
    ["router-us", "us-east", { Passing: 5, Warning: 1 }],
  ]);
});

test("checks of every kind pass: gRPC, PostgreSQL, Redis, resources, an alias", async () => {
  const checks = { ...(await checksOf("intelligent_router")), ...(await checksOf("api_gateway")) };
  const more = {
    ...(await checksOf("database")),
    ...(await checksOf("cache")),
    ...(await checksOf("instance_manager")),
  };
  expect({ ...checks, ...more }).toMatchObject({
    "router-eu:grpc": ["passing", expect.stringContaining("success")],
    "api-gateway-1:database": ["passing", expect.any(String)],
    "api-gateway-2:http": ["passing", expect.any(String)],
    "database:postgres": ["passing", expect.stringMatching(/PostgreSQL (accepts|says)/)],
    "cache:redis": ["passing", expect.stringContaining("Redis answers")],
    // A busy machine warns, and that is all it does.
    "instance_manager:node": [expect.stringMatching(/^(passing|warning)$/), expect.stringMatching(/cpu \d+ %/)],
  });
});

test("the database and the cache are real ones", async () => {
  const sql = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "select 6 * 7"];
  const postgres = await docker("exec", `${chat.prefix}ish-database`, ...sql);
  expect(postgres.trim()).toBe("42");
  expect((await docker("exec", `${chat.prefix}ish-cache`, "redis-cli", "PING")).trim()).toBe("PONG");
});

test("a port on which something else listens is neither PostgreSQL nor Redis", async () => {
  expect(await probe("/redis/ish-cache:6379")).toContain("Redis answers");
  expect(await probe("/redis/ish-monitoring:9090")).toContain("503");
  expect(await probe("/redis/ish-database:5432")).toContain("503");
  expect(await probe("/postgres/ish-monitoring:9090?user=ish_chat")).toContain("503");
});

test("no application reaches the prober", async () => {
  const script = "(nslookup consul-prober || true) 2>&1; wget -q -O - http://consul-prober:8080/health || echo refused";
  expect(await docker("exec", `${chat.prefix}ish-monitoring`, "sh", "-c", script)).toContain("refused");
});

test("a database that stops is critical, what stands on it is so too, and both come back", async () => {
  await docker("stop", "--time", "2", `${chat.prefix}ish-database`);
  const gone = async () => (await passing("database")).length + (await passing("api_gateway")).length;
  await until("the database and the gateway are critical", 15, async () => (await gone()) === 0);
  const checks = await checksOf("api_gateway");
  expect(checks["api-gateway-1:database"]?.[0]).toBe("critical");
  expect(checks["api-gateway-1:http"]?.[0]).toBe("passing");
  await docker("start", `${chat.prefix}ish-database`);
  await until("both are back", 20, async () => (await gone()) === 3);
});

test("one instance that stops leaves the other", async () => {
  await docker("stop", "--time", "2", `${chat.prefix}ish-router-us`);
  await until("router-eu alone passes", 15, async () => (await passing("intelligent_router")).join() === "router-eu");
  await docker("start", `${chat.prefix}ish-router-us`);
});

test("without an edit, up changes nothing", async () => {
  const again = await chat.run("up", settings);
  expect(again.stdout).toMatch(/Nothing changed/);
  expect(again.code).toBe(0);
});

describe("a service that says itself how it is", () => {
  const check = async () => (await checksOf("report_service"))["report_service:ttl"] ?? ["", ""];
  let applications: Applications;
  let heartbeat = "";
  let reporter = "";
  afterAll(() => applications.remove());

  test("is reported with the token for it, from its first moment on: up waits until it passes", async () => {
    applications = await Applications.create(chat);
    heartbeat = (await chat.run("token", settings, [], ["heartbeat"])).stdout.trim();
    const environment = { CONSUL_HOST: "consul-agent-shared", CONSUL_TOKEN: heartbeat };
    reporter = await applications.start("reporter", "reporter.mjs", environment);
    const ended = await chat.run("up", withTeam("reports", `${REPORTED}\n  ${MANAGED}`));
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/reports +2 of +2 +passing/) });
    await until("what the probes found is told", 5, async () =>
      /^PostgreSQL .*Redis answers; heap/.test((await check())[1]),
    );
  });

  test("stands beside one that is checked on a port of its own, and found by a tag with a space in it", async () => {
    expect((await checksOf("managed_service"))["managed_service:http"]?.[0]).toBe("passing");
    expect((await checkOnAgent("managed_service:http"))?.Output).toContain(
      "http://ish-managed:9101/health/managed_service",
    );
    const found = await ask<readonly Entry[]>(
      `/v1/health/service/managed_service?passing&tag=${encodeURIComponent("urlprefix-/m strip=/m")}`,
    );
    expect(found.map(({ Service }) => Service.ID)).toEqual(["managed_service"]);
  });

  test("is critical while its database is away, and passes again with it", async () => {
    await docker("stop", "--time", "2", `${chat.prefix}ish-database`);
    await until("it is critical", 5, async () => (await check())[0] === "critical");
    await docker("start", `${chat.prefix}ish-database`);
    await until("it passes again", 10, async () => (await check())[0] === "passing");
  });

  test("passes on through a restart of the agent, and goes on being reported there", async () => {
    await docker("restart", "--time", "5", `${chat.prefix}consul-agent-shared`);
    await until("the agent knows it as passing", 10, async () => {
      const found = await checkOnAgent("report_service:ttl").catch(() => undefined);
      return found?.Status === "passing" && found.Output.startsWith("PostgreSQL");
    });
  });

  test("may report on no other service", async () => {
    const report = async (check: string, token: string | undefined) =>
      (await toOwnAgent({ method: "PUT", path: `/v1/agent/check/pass/${check}`, token })).status;
    expect(await report("cache:redis", heartbeat)).toBe(403);
    expect(await report("report_service:ttl", undefined)).toBe(403);
    expect(await report("report_service:ttl", heartbeat)).toBe(200);
  });

  test("is critical once it is silent for longer than its ttl", async () => {
    await docker("kill", reporter);
    await until("it is critical", 6, async () => {
      const [status, says] = await check();
      return status === "critical" && says.includes("TTL expired");
    });
  });
});

describe("a service behind TLS, whose certificate comes from a private authority", () => {
  const { certPem, keyPem } = selfSigned("ish-secure");
  let applications: Applications;
  afterAll(() => applications.remove());

  test("passes where its check names that authority", async () => {
    const options = JSON.stringify({ cert: certPem, key: keyPem });
    const program = `import { createServer } from "node:https";
createServer(${options}, (_, answer) => answer.end("open")).listen(8443);
`;
    applications = await Applications.create(chat, { "secure.mjs": program });
    const container = await applications.start("secure", "secure.mjs", {});
    const address = await docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      container,
    );
    const tls = { tls: true, tls_server_name: "ish-secure", ca_pem: certPem };
    const check = { kind: "http", path: "/health", ...tls, interval: "2s", timeout: "1s" };
    const service = `secure_service: { port: 8443, address: ${address.trim()}, check: ${JSON.stringify(check)} }`;
    // The team that reports goes with the folder that declared it.
    const ended = await chat.run("up", { ...withTeam("secure", service), ROLLCALL_ALLOW: "removed-service" });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/secure +1 of +1 +passing/) });
    expect((await checksOf("secure_service"))["secure_service:http"]?.[1]).toContain(
      `HTTP GET https://${address.trim()}:8443/health: 200 OK`,
    );
  });

  test("is refused at the agent's own address, which only the settings tell", async () => {
    const agent = (chat.settings.ROLLCALL_CONTROL_SUBNET ?? "").replace(/0\/24$/, "20");
    const service = `agent_api: { port: 8501, address: ${agent}, check: { kind: tcp, interval: 5s, timeout: 1s } }`;
    const refused = await chat.run("up", withTeam("itself", service));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`${agent} is in the control plane`) });
  });
});
