import { createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { createDiscovery } from "../src/create-discovery.js";
import type { Discovery } from "../src/discovery.js";
import type { DiscoveryOptions } from "../src/options.js";
import { postgresProbe } from "../src/probes/postgres.js";
import { redisProbe } from "../src/probes/redis.js";
import { resourcesProbe } from "../src/probes/resources.js";
import { serviceDefinition } from "../src/service-definition.js";
import { FakeConsul } from "./support/fake-consul.js";
import { until } from "./support/helpers.js";

let consul: FakeConsul;
let port: number;
const opened: Discovery[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  consul = new FakeConsul();
  port = await consul.start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) server.close();
  await consul.stop();
});

function discover(options: DiscoveryOptions = {}): Discovery {
  const made = createDiscovery({ port, env: {}, timeoutMs: 500, ...options });
  opened.push(made);
  return made;
}

const SEEDS = {
  SERVICE_NAME: "ish-chat-api",
  SERVICE_HOST: "0.0.0.0",
  SERVICE_PORT: "8000",
  SERVICE_TAGS: "api, ish-chat",
  HEALTH_CHECK_INTERVAL: "30s",
  HEALTH_CHECK_TIMEOUT: "10s",
  HEALTH_CHECK_DEREGISTER_AFTER: "60s",
};

test("an instance of the seeds' environment is registered as they say, at an address that others can call", () => {
  const id = `ish-chat-api-${hostname()}-8000`;
  expect(serviceDefinition({}, SEEDS)).toEqual({
    ID: id,
    Name: "ish-chat-api",
    Address: hostname(),
    Port: 8000,
    Tags: ["api", "ish-chat"],
    Meta: { dynamic: "true" },
    Checks: [
      {
        CheckID: `${id}:http`,
        HTTP: `http://${hostname()}:8000/health`,
        Interval: "30s",
        Timeout: "10s",
        DeregisterCriticalServiceAfter: "60s",
      },
    ],
  });
});

test("options stand over the environment, and the other kinds of check are those of the catalog", () => {
  const made = (check: Parameters<typeof serviceDefinition>[0]["check"]) =>
    serviceDefinition({ name: "web", address: "2001:db8::5", port: 1, id: "w", ...(check && { check }) }, SEEDS)
      .Checks[0];
  expect(made({ kind: "tcp" })).toMatchObject({ CheckID: "w:tcp", TCP: "[2001:db8::5]:1", Interval: "30s" });
  expect(made({ kind: "ttl", ttl: "30s" })).toMatchObject({ CheckID: "w:ttl", TTL: "30s" });
  expect(made({ kind: "http", path: "ready" })).toMatchObject({ HTTP: "http://[2001:db8::5]:1/ready" });
});

test("fails: what is missing to register is named", () => {
  expect(() => serviceDefinition({}, {})).toThrow("Set SERVICE_NAME or say name.");
  expect(() => serviceDefinition({ name: "web" }, {})).toThrow("Set SERVICE_PORT or say port.");
  expect(() => serviceDefinition({ name: "web", port: 1, interval: "soon" }, {})).toThrow('interval is "soon"');
});

test("an instance is registered, registered again after Consul lost it, and taken back on close", async () => {
  const discovery = discover({ env: SEEDS });
  const { id } = await discovery.register({ renewMs: 10 });
  expect(consul.agentServices.has(id)).toBe(true);
  consul.agentServices.clear();
  await until("it is there again", () => consul.agentServices.has(id));
  expect(consul.agentServices.get(id)).toMatchObject({ Checks: [{ Status: "passing" }] });
  await discovery.close();
  expect(consul.agentServices.size).toBe(0);
});

test("a registration is taken back once: a newer process with the same id keeps its own", async () => {
  const discovery = discover({ env: SEEDS });
  const registration = await discovery.register();
  await Promise.all([registration.close(), registration.close()]);
  const newer = discover({ env: SEEDS });
  await newer.register();
  await registration.close();
  await discovery.close();
  expect(consul.asked("/deregister/")).toBe(1);
  expect(consul.agentServices.has(registration.id)).toBe(true);
});

test("a registration that the closing overtakes is taken back, and afterwards nothing begins", async () => {
  const discovery = discover({ env: SEEDS });
  const registering = discovery.register();
  await discovery.close();
  await expect(registering).rejects.toMatchObject({ code: "CLOSED" });
  expect(consul.agentServices.size).toBe(0);
  const asked = consul.requests.length;
  await expect(discovery.register()).rejects.toMatchObject({ code: "CLOSED" });
  expect(() => discovery.heartbeat("web", async () => ({ status: "passing", says: "" }))).toThrow("closed");
  expect(consul.requests).toHaveLength(asked);
});

test("fails: neither a registration nor a heartbeat gives its token to another host in the clear", () => {
  expect(() => discover({ host: "10.0.0.5", token: "t", env: SEEDS })).toThrow("10.0.0.5");
});

test("a heartbeat that was closed is not kept", async () => {
  consul.checks.set("web:ttl", { status: "", note: "" });
  const discovery = discover();
  const open: unknown = Reflect.get(discovery, "open");
  for (let n = 0; n < 10; n++) discovery.heartbeat("web", async () => ({ status: "passing", says: "" })).close();
  expect(open).toEqual(new Set());
});

test("an error of the renewal is told, and the renewal goes on", async () => {
  const errors: unknown[] = [];
  const discovery = discover({ env: SEEDS, onError: (error) => errors.push(error) });
  const { id } = await discovery.register({ renewMs: 10 });
  consul.fault = "500";
  await until("an error", () => errors.length > 0);
  consul.fault = undefined;
  consul.agentServices.clear();
  await until("it is there again", () => consul.agentServices.has(id));
});

test("fails: what the catalog declares is not registered besides; what it declares dynamic is", async () => {
  const declare = (meta: Record<string, string>) =>
    consul.agentServices.set("web", { ID: "web", Service: "web", Meta: meta });
  const discovery = discover();
  declare({ team: "user-platform" });
  const error: unknown = await discovery.register({ name: "web", port: 1 }).catch((each: unknown) => each);
  expect(error).toMatchObject({
    code: "DECLARED_IN_CATALOG",
    message: expect.stringContaining("web is declared in the catalog by user-platform"),
    remedy: "Do not register it, or write `dynamic: true` on the service in the catalog.",
  });
  expect(consul.agentServices.size).toBe(1);
  declare({ team: "user-platform", dynamic: "true" });
  await discovery.register({ name: "web", port: 1 });
  expect(consul.agentServices.size).toBe(2);
});

test("a heartbeat tells the agent what the probe finds, and a probe that throws or hangs is critical", async () => {
  consul.checks.set("web:ttl", { status: "", note: "" });
  const discovery = discover();
  const check = () => consul.checks.get("web:ttl");
  const heartbeat = async (probe: Parameters<Discovery["heartbeat"]>[1], note: string) => {
    const made = discovery.heartbeat("web", probe, { intervalMs: 10, timeoutMs: 50 });
    await until(note, () => check()?.note.includes(note) === true);
    made.close();
    return check()?.status;
  };
  expect(await heartbeat(async () => ({ status: "passing", says: "all well" }), "all well")).toBe("pass");
  expect(await heartbeat(async () => ({ status: "warning", says: "slow" }), "slow")).toBe("warn");
  expect(await heartbeat(() => Promise.reject(new Error("out of order")), "out of order")).toBe("fail");
  expect(await heartbeat(() => new Promise(() => {}), "more than 50 ms")).toBe("fail");
  const inJavaScript = (status: string) => async () => ({ status }) as never;
  expect(await heartbeat(inJavaScript("ok"), 'the probe gave the status "ok"')).toBe("fail");
});

test("a check that the agent does not know is told, and reported to as soon as it does", async () => {
  const errors: unknown[] = [];
  const discovery = discover({ onError: (error) => errors.push(error) });
  const made = discovery.heartbeat("web", async () => ({ status: "passing", says: "well" }), { intervalMs: 10 });
  await until("an error", () => errors.length > 0);
  expect(String(errors[0])).toContain('Unknown check ID "web:ttl"');
  consul.checks.set("web:ttl", { status: "", note: "" });
  await until("the heartbeat", () => made.last?.status === "passing");
});

/** A server that says one thing to whoever writes; gives where it is. */
async function sayer(answer: Buffer | string): Promise<{ readonly host: string; readonly port: number }> {
  const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(answer)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { host: "127.0.0.1", port: typeof address === "object" && address !== null ? address.port : 0 };
}

function postgresError(code: string): Buffer {
  const body = Buffer.from(`SFATAL\0C${code}\0Mas the test says\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

test.each([
  ["asks for a password", Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 5]), "passing"],
  ["does not know the user", postgresError("28000"), "passing"],
  ["has too many connections", postgresError("53300"), "warning"],
  ["is starting up", postgresError("57P03"), "critical"],
  ["speaks another language", "HTTP/1.1 400 Bad Request\r\n\r\n", "critical"],
  ["says nothing", "", "critical"],
])("a PostgreSQL server that %s", async (_, answer, status) => {
  const probe = postgresProbe(await sayer(answer));
  expect(await probe(AbortSignal.timeout(5000))).toMatchObject({ status });
});

test.each([
  ["+PONG\r\n", "passing"],
  ["-NOAUTH Authentication required.\r\n", "passing"],
  ["-LOADING Redis is loading the dataset in memory\r\n", "critical"],
  ["SSH-2.0-OpenSSH\r\n", "critical"],
])("a Redis server that says %j is %s", async (answer, status) => {
  expect(await redisProbe(await sayer(answer))(AbortSignal.timeout(5000))).toMatchObject({ status });
});

test("the resources of the process are passing below the limits and a warning above one", async () => {
  const none = { heap: 101, memory: 101, disk: 101, lagMs: 100_000 };
  const signal = AbortSignal.timeout(5000);
  expect(await resourcesProbe(none)(signal)).toMatchObject({
    status: "passing",
    says: expect.stringContaining("heap"),
  });
  for (const name of ["heap", "memory", "disk", "lagMs"])
    expect(await resourcesProbe({ ...none, [name]: 0 })(signal)).toMatchObject({ status: "warning" });
});
