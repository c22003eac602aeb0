import { createServer, type Socket } from "node:net";
import fc from "fast-check";
import { createDiscovery } from "../src/create-discovery.js";
import type { ServiceEvent } from "../src/diff.js";
import type { Discovery } from "../src/discovery.js";
import type { DiscoveryOptions } from "../src/options.js";
import { readEnvironment } from "../src/place.js";
import { FakeConsul, type Fault } from "./support/fake-consul.js";
import { until } from "./support/helpers.js";

let consul: FakeConsul;
let port: number;
const opened: Discovery[] = [];

beforeEach(async () => {
  consul = new FakeConsul();
  port = await consul.start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await consul.stop();
});

/** A client of the fake, whose waits are short enough for a test. */
function discover(options: DiscoveryOptions = {}): Discovery {
  const made = createDiscovery({ port, env: {}, timeoutMs: 500, waitMs: 2000, backoffMs: [5, 40], ...options });
  opened.push(made);
  return made;
}

const ids = async (discovery: Discovery, service = "web") =>
  (await discovery.instances(service)).instances.map(({ id }) => id);

test("a service is asked for once, watched from then on, and every change is seen", async () => {
  consul.set("web", [{ id: "a" }, { id: "b", status: "critical" }]);
  const discovery = discover();
  const picks = await Promise.all(Array.from({ length: 50 }, () => discovery.pick("web")));
  expect(new Set(picks.map(({ id }) => id))).toEqual(new Set(["a"]));
  expect(consul.requests.filter((each) => !each.includes("index="))).toHaveLength(1);
  await until("the watch", () => consul.asked("index=") === 1);
  consul.set("web", [{ id: "b" }]);
  await until("the change", () => discovery.stats().services.get("web")?.available === 1 && consul.asked("index=") > 1);
  expect((await discovery.pick("web")).id).toBe("b");
});

test("a critical instance is out of the picks as soon as Consul says so", async () => {
  consul.set("web", [{ id: "a" }, { id: "b" }]);
  const discovery = discover({ strategy: "round-robin" });
  const pool = await discovery.pool("web");
  await until("the watch", () => consul.asked("index=") === 1);
  const begun = performance.now();
  consul.set("web", [{ id: "a", status: "critical" }, { id: "b" }]);
  await until("it is out", () => pool.pick().id === "b" && pool.pick().id === "b");
  console.log(`critical to out of the picks: ${(performance.now() - begun).toFixed(0)} ms (fake Consul, loopback)`);
});

test.each<Fault>(["429", "500", "403", "400", "torn", "silent", "garbage", "shape", "reset"])(
  "what is known goes on being served through a fault (%s), with its age and the error, and comes up to date after it",
  async (fault) => {
    consul.set("web", [{ id: "a" }]);
    const errors: unknown[] = [];
    const discovery = discover({ onError: (error) => errors.push(error), waitMs: 200 });
    expect(await ids(discovery)).toEqual(["a"]);
    await until("the watch", () => consul.asked("index=") === 1);
    consul.fault = fault;
    consul.set("web", [{ id: "b" }]);
    await until("an error", () => errors.length > 0);
    const view = await discovery.instances("web");
    expect(view).toMatchObject({ source: "consul", error: { name: expect.any(String), remedy: expect.any(String) } });
    expect(view.instances.map(({ id }) => id)).toEqual(["a"]);
    expect(view.ageMs).toBeGreaterThanOrEqual(0);
    consul.fault = undefined;
    consul.wake();
    await until("recovery", () => discovery.stats().services.get("web")?.ageMs !== undefined && consul.asked("") > 3);
    for (let look = 0; look < 400 && (await ids(discovery))[0] !== "b"; look++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await ids(discovery)).toEqual(["b"]);
    expect((await discovery.instances("web")).error).toBeUndefined();
  },
);

test.each<[Fault, string]>([
  ["429", "ConsulUnavailable"],
  ["500", "ConsulUnavailable"],
  ["403", "ConsulRefused"],
  ["400", "ConsulRefused"],
  ["torn", "ConsulUnreachable"],
  ["silent", "ConsulUnreachable"],
  ["reset", "ConsulUnreachable"],
  ["garbage", "BadAnswer"],
  ["shape", "BadAnswer"],
])("fails: where nothing is known, a fault (%s) is a %s that says what to do", async (fault, name) => {
  consul.fault = fault;
  const error: unknown = await discover()
    .pick("web")
    .catch((each: unknown) => each);
  expect(error).toMatchObject({ name, remedy: expect.stringMatching(/\.$/) });
});

test("a port where nobody listens, and one that never answers, are told within the time-out", async () => {
  const held: Socket[] = [];
  const mute = createServer((socket) => held.push(socket)).listen(0, "127.0.0.1");
  await until("it listens", () => mute.address() !== null);
  const address = mute.address();
  const mutePort = typeof address === "object" && address !== null ? address.port : 0;
  const begun = performance.now();
  await expect(discover({ port: mutePort, timeoutMs: 100 }).pick("web")).rejects.toThrow("no answer within 100 ms");
  await expect(discover({ port: 1 }).pick("web")).rejects.toThrow("ECONNREFUSED");
  expect(performance.now() - begun).toBeLessThan(5000);
  for (const socket of held) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

test("a watch whose waiting is short asks again at once when it is over: a change is seen as it comes", async () => {
  consul.set("web", [{ id: "a" }]);
  const discovery = discover({ waitMs: 20 });
  await ids(discovery);
  await until("many waits are over", () => consul.asked("index=") > 8);
  consul.set("web", [{ id: "b" }]);
  await until("the change", async () => (await ids(discovery)).join() === "b", 1000);
});

test("an index that goes backwards is started again, and what came with it is seen", async () => {
  consul.index = 5000;
  consul.set("web", [{ id: "a" }]);
  const discovery = discover();
  expect(await ids(discovery)).toEqual(["a"]);
  await until("the watch", () => consul.asked("index=5001") === 1);
  consul.services.set("web", [{ id: "b" }]);
  consul.goBackTo(3);
  await until(
    "the change",
    () => discovery.stats().services.get("web") !== undefined && consul.asked("index=3&") === 1,
  );
  expect(await ids(discovery)).toEqual(["b"]);
  consul.set("web", [{ id: "c" }]);
  await until("the next change", () => consul.asked("index=4&") === 1);
  expect(await ids(discovery)).toEqual(["c"]);
});

test.each([
  ["nothing", []],
  ["what was long ago", [{ id: "old" }]],
])(
  "a server that has not caught up after its start and knows %s is not believed: the leader is asked",
  async (_, old) => {
    consul.index = 5000;
    consul.set("web", [{ id: "a" }]);
    const discovery = discover({ backoffMs: [10, 20] });
    expect(await ids(discovery)).toEqual(["a"]);
    await until("the watch", () => consul.asked("index=5001") === 1);
    consul.behind = { index: 40, services: new Map([["web", old]]) };
    consul.wake();
    await until(
      "the leader is asked",
      () =>
        consul.asked("GET /v1/health/service/web?dc") + consul.asked("GET /v1/health/service/web ") > 0 ||
        consul.requests.includes("GET /v1/health/service/web?consistent="),
    );
    expect(await ids(discovery)).toEqual(["a"]);

    consul.hasLeader = false;
    consul.wake();
    await until("the error is told", async () => (await discovery.instances("web")).error !== undefined);
    expect(await ids(discovery)).toEqual(["a"]);

    // Without anything known before, nobody can say either.
    await expect(discover().pick("other")).rejects.toMatchObject({ code: "CONSUL_UNAVAILABLE" });
    consul.hasLeader = true;
    consul.behind = undefined;
    await until("it is well again", async () => (await discovery.instances("web")).error === undefined);
  },
);

test("wake-ups without a change are slowed down: five at once, then one in 3 s, in which a change waits", async () => {
  consul.set("web", [{ id: "a" }]);
  const discovery = discover();
  await discovery.pick("web");
  for (let wake = 0; wake < 40; wake++) {
    consul.wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(consul.asked("index=")).toBeLessThanOrEqual(6);
  const begun = performance.now();
  consul.set("web", [{ id: "b" }]);
  await until("the change", async () => (await ids(discovery)).join() === "b", 9000);
  expect(performance.now() - begun).toBeLessThan(4500);
});

test("an empty answer is believed only where ACLs did not empty it", async () => {
  const discovery = discover();
  await expect(discovery.pick("web")).rejects.toMatchObject({ code: "NO_INSTANCES" });
  consul.acl = "anonymous-blind";
  await expect(discover().pick("web")).rejects.toMatchObject({ code: "HIDDEN_BY_ACL" });
  consul.acl = "weak-token";
  await expect(discover({ token: "weak" }).pick("web")).rejects.toMatchObject({ code: "HIDDEN_BY_ACL" });
});

test("a token that is taken away does not empty what is known, although the blocking answer does not say so", async () => {
  consul.set("web", [{ id: "a" }]);
  const errors: unknown[] = [];
  const discovery = discover({ token: "t", onError: (error) => errors.push(error) });
  await discovery.pick("web");
  await until("the watch", () => consul.asked("index=") === 1);
  consul.acl = "weak-token";
  consul.set("web", [{ id: "b" }]);
  await until("the error", () => errors.length > 0);
  expect(errors[0]).toMatchObject({ code: "HIDDEN_BY_ACL" });
  expect((await discovery.pick("web")).id).toBe("a");
});

test("no leader is read from the streaming backend, and an empty answer of a server without one is not believed", async () => {
  consul.set("web", [{ id: "a" }]);
  const discovery = discover();
  await discovery.pick("web");
  await until("the watch", () => consul.asked("index=") === 1);
  expect((await discovery.instances("web")).error).toBeUndefined();
  consul.knownLeader = false;
  await expect(discover().pick("other")).rejects.toThrow("A Consul server without a leader");
  expect((await discover().pick("web")).id).toBe("a");
});

test("a stale server's lag counts as age", async () => {
  consul.set("web", [{ id: "a" }]);
  consul.lagMs = 5000;
  expect((await discover().instances("web")).ageMs).toBeGreaterThanOrEqual(5000);
});

test("what is older than the maximum age is refused, and served again as soon as Consul is back", async () => {
  consul.set("web", [{ id: "a" }]);
  const clock = { now: 0 };
  const discovery = discover({ now: () => clock.now, maxAgeMs: 60_000, maxWatches: 0 });
  await discovery.pick("web");
  consul.fault = "500";
  clock.now = 59_000;
  expect((await discovery.pick("web")).id).toBe("a");
  clock.now = 61_000;
  await expect(discovery.pick("web")).rejects.toMatchObject({ code: "TOO_OLD" });
  consul.fault = undefined;
  expect((await discovery.pick("web")).id).toBe("a");
});

test("an unwatched service is served from memory after its time, and requested again behind the caller's back", async () => {
  consul.set("web", [{ id: "a" }]);
  const clock = { now: 0 };
  const discovery = discover({ now: () => clock.now, maxWatches: 0 });
  await discovery.pick("web");
  clock.now = 20_000;
  await discovery.pick("web");
  expect(consul.requests).toHaveLength(1);
  consul.set("web", [{ id: "b" }]);
  clock.now = 30_000;
  expect((await discovery.pick("web")).id).toBe("a");
  await until("the reading", () => consul.requests.length === 2);
  await until("the change", () => discovery.stats().services.get("web")?.ageMs === 0);
  expect((await discovery.pick("web")).id).toBe("b");
});

test("1,000 services need no more than 50 connections and 40 watches, and stay within their bounds", async () => {
  for (let number = 0; number < 1000; number++) consul.services.set(`s${number}`, [{ id: "a" }]);
  const discovery = discover({ maxServices: 300, timeoutMs: 10_000 });
  await Promise.all(Array.from({ length: 1000 }, (_, number) => discovery.pick(`s${number}`)));
  await until("the watches", () => consul.asked("index=") >= 40);
  expect(consul.mostConnections).toBeLessThanOrEqual(50);
  const { watches, services } = discovery.stats();
  expect(watches).toBeLessThanOrEqual(40);
  expect(services.size).toBeLessThanOrEqual(300);
});

test("many callers who give up do not end the reading for the others", async () => {
  consul.set("web", [{ id: "a" }]);
  consul.fault = "silent";
  const discovery = discover();
  const gone = new AbortController();
  const impatient = discovery.pick("web", { signal: gone.signal });
  const patient = discovery.pick("web").catch((error: unknown) => error);
  gone.abort(new Error("enough"));
  await expect(impatient).rejects.toThrow("enough");
  expect(await patient).toMatchObject({ code: "CONSUL_UNREACHABLE" });
});

/** One who believes the events and nothing else. */
class Follower {
  readonly faults: string[] = [];
  private readonly known = new Map<string, string>();

  learn({ kind, instance, before }: ServiceEvent): void {
    const state = `${instance.port} ${instance.health}`;
    if (kind === "added" ? this.known.has(instance.id) : !this.known.has(instance.id))
      this.faults.push(`${kind} ${instance.id}`);
    if (kind === "health" && before?.health === instance.health) this.faults.push("health without a change");
    if (kind === "changed" && before?.port === instance.port) this.faults.push("changed without a change");
    if (kind === "removed") this.known.delete(instance.id);
    else this.known.set(instance.id, state);
  }

  knows(full: ReadonlyMap<string, string>): boolean {
    return this.known.size === full.size && [...full].every(([id, state]) => this.known.get(id) === state);
  }
}

test("no event is lost or invented in any history of a service, whatever Consul does meanwhile", async () => {
  const anyStatus = fc.constantFrom("passing", "warning", "critical");
  const anyInstances = fc.uniqueArray(
    fc.record({ id: fc.constantFrom("a", "b", "c", "d"), port: fc.constantFrom(1, 2), status: anyStatus }),
    { selector: ({ id }) => id, minLength: 1 },
  );
  const anyStep = fc.record({
    instances: anyInstances,
    trouble: fc.constantFrom<"none" | "backwards" | Fault>(
      "none",
      "none",
      "none",
      "backwards",
      "500",
      "torn",
      "garbage",
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 8 }), async (steps) => {
      consul.fault = undefined;
      consul.set("web", []);
      const discovery = discover();
      const [prompt, slow] = [new Follower(), new Follower()];
      discovery.watch("web", {}, (event) => prompt.learn(event));
      const stream = discovery.watch("web");
      const reading = (async () => {
        for await (const event of stream) {
          slow.learn(event);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (const { instances, trouble } of steps) {
        if (trouble === "backwards") {
          consul.services.set("web", instances);
          consul.goBackTo(Math.max(1, consul.index - 5));
        } else {
          consul.fault = trouble === "none" ? undefined : trouble;
          consul.set("web", instances);
        }
        await new Promise((resolve) => setImmediate(resolve));
        consul.fault = undefined;
      }
      const last = steps.at(-1)?.instances ?? [];
      const full = new Map(last.map(({ id, port: at, status }) => [id, `${at} ${status}`]));
      consul.index++;
      consul.wake();
      await until("the followers know what a full read says", () => prompt.knows(full) && slow.knows(full));
      expect([...prompt.faults, ...slow.faults]).toEqual([]);
      await discovery.close();
      await reading;
      opened.splice(opened.indexOf(discovery), 1);
    }),
    { numRuns: 40 },
  );
});

test.each([
  [{}, { host: "127.0.0.1", port: 8500, tls: false }],
  [
    { CONSUL_HOST: "consul-agent-shared", CONSUL_PORT: "8501" },
    { host: "consul-agent-shared", port: 8501, tls: true },
  ],
  [{ CONSUL_HTTP_ADDR: "https://consul:443" }, { host: "consul", port: 443, tls: true }],
  [
    { CONSUL_HTTP_ADDR: "[::1]:8500", CONSUL_HTTP_SSL: "true" },
    { host: "::1", port: 8500, tls: true },
  ],
  [{ CONSUL_HTTP_ADDR: "unix:///run/consul.sock" }, { socketPath: "/run/consul.sock", tls: false }],
  [{ CONSUL_TOKEN: "a", CONSUL_HTTP_TOKEN: "b" }, { token: "a" }],
  [
    { CONSUL_HTTP_TOKEN: "b", CONSUL_DATACENTER: "ish-chat-dc1" },
    { token: "b", datacenter: "ish-chat-dc1" },
  ],
  [
    { CONSUL_HOST: "", CONSUL_HTTP_SSL_VERIFY: "false" },
    { host: "127.0.0.1", verify: false },
  ],
])("the environment %j means %j", (env, place) => {
  expect(readEnvironment(env)).toMatchObject(place);
});

test("fails: an environment that cannot be meant is named", () => {
  expect(() => readEnvironment({ CONSUL_PORT: "consul" })).toThrow('CONSUL_PORT is "consul". Write a number');
  expect(() => readEnvironment({ CONSUL_CACERT: "/nowhere/ca.pem" })).toThrow("CONSUL_CACERT cannot be read");
});
