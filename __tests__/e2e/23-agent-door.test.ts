/**
 * @needs platform
 * @areas lib/consul/agents/agent-door-config.ts lib/consul/agents/agent-config.ts lib/consul/agents/shared-agent.ts lib/consul/nginx/nginx.ts
 *   lib/consul/scripts lib/docker/image-folder.ts
 * @seconds 240
 */
import { Attacker } from "./support/attacker.js";
import { untilAllPass } from "./support/cluster.js";
import { toAgent } from "./support/http.js";
import { docker, inTime, measured, nameOf, output, token, until } from "./support/platform.js";
import { HealthWatch, Repeater } from "./support/poll.js";
import { python } from "./support/python.js";
import { underLoad } from "./support/under-load.js";

/** Keys of this file's own. */
const KEYS = "e2e-agent-door/";
const DOOR = { network: "rollcall-platform", host: "consul-agent-shared", port: 8500 } as const;
const REGISTER = "/v1/agent/service/register";
const MEBIBYTE = 1024 * 1024;
/** Seconds that a modest client, a reader or a writer may wait. */
const AIM = 1;

const attacker = new Attacker(DOOR);
let management = "";

beforeAll(async () => {
  management = await token("management");
  await untilAllPass(30);
});

afterEach(() => Repeater.stopAll());

/** When Consul, Nginx and the container that they share began: what crashed begins again. */
async function beginnings(): Promise<string> {
  const name = nameOf("consul-agent-shared");
  const started = docker("inspect", "--format", "{{.State.StartedAt}} {{.State.OOMKilled}}", name);
  const programs = docker("exec", name, "sh", "-c", "busybox pidof consul; cat /tmp/nginx.pid");
  return (await Promise.all([started, programs])).join(" ").replace(/\s+/g, " ");
}

/** What the agent's container has logged since then. */
async function logged(since: Date): Promise<string> {
  const name = nameOf("consul-agent-shared");
  return output("sh", ["-c", `docker logs --since ${since.toISOString()} ${name} 2>&1`]);
}

/** Does it while a reader, a writer and a modest client are at work: none of them notices, and nothing crashes. */
async function unnoticed<T>(what: string, seconds: number, act: () => Promise<T>): Promise<T> {
  const before = await beginnings();
  const watch = await HealthWatch.start();
  let result: T | undefined;
  const modest = attacker.modest("/v1/health/service/billing_service?passing", seconds, 10);
  const met = await underLoad(what, { token: management, keys: KEYS, aim: AIM }, async () => {
    result = await act();
    const { counts, slowest } = await modest;
    inTime(`${what}: a modest client's slowest answer`, slowest, AIM);
    expect(Object.keys(counts)).toEqual(["200"]);
  });
  expect({ refused: met.refused, failed: met.failed }).toEqual({ refused: 0, failed: 0 });
  expect((await watch.stop()).left).toEqual({});
  expect(await beginnings()).toBe(before);
  if (result === undefined) throw new Error("nothing was done");
  return result;
}

describe("somebody without a token, from a container on the platform network", () => {
  test("cannot end the agent with one request, nor fill its log: 110 MB, eight times 40 MB, and 40 of a size that is taken", async () => {
    const begun = new Date();
    const statuses = await unnoticed("large registrations", 20, async () => {
      const one = await attacker.upload(REGISTER, 110 * MEBIBYTE);
      const more = Array.from({ length: 8 }, () => attacker.upload(REGISTER, 40 * MEBIBYTE));
      const small = Array.from({ length: 4 }, () => attacker.upload(REGISTER, 60 * 1024));
      return [one, ...(await Promise.all(more)), ...(await Promise.all(small))];
    });
    // Who goes on sending to a connection that is closed may lose the answer.
    expect(statuses.slice(0, 9).filter((status) => !["413", "cut"].includes(status))).toEqual([]);
    expect(statuses).toContain("413");
    expect(statuses.slice(9)).toEqual(["403", "403", "403", "403"]);
    const lines = (await logged(begun)).split("\n");
    const longest = Math.max(...lines.map((line) => line.length));
    measured("the longest line that the agent logged", longest, 64 * 1024, "characters");
    expect(longest).toBeLessThan(66 * 1024);
  });

  test("cannot keep others from writing with half-finished uploads", async () => {
    const begun = `PUT /v1/kv/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${MEBIBYTE}\r\n\r\n${"a".repeat(900 * 1024)}`;
    await unnoticed("half-finished uploads", 15, async () => {
      const held = attacker.unfinished(18, begun, 8);
      const key = `/v1/kv/${KEYS}large`;
      const body = "b".repeat(100 * 1024);
      await until("a large value is stored meanwhile", 5, async () => {
        const { status } = await toAgent({ method: "PUT", path: key, token: management, body });
        return status === 200;
      });
      return held;
    });
  });

  test("cannot shut others out with 4,300 connections that it does not finish", async () => {
    const held = await unnoticed("half-open connections", 25, () => attacker.unfinished(4300, "GET / HT", 12));
    measured("half-open connections that were taken", held.held, "any", "connections");
  });
});

describe("what anybody may ask", () => {
  test("cannot keep Consul at work for minutes: a filter in a filter in a filter", async () => {
    // One of these, at a depth of 13, took 11 minutes of a core, and did not end when its client was gone.
    const nested = `${"(".repeat(13)}ID==x${")".repeat(13)}`;
    const counts = await unnoticed("nested filters", 10, async () => {
      const asked = [nested, nested.replaceAll("(", "%28"), `${"((((".repeat(3)}ID`].map((filter) =>
        attacker.modest(`/v1/agent/services?filter=${filter}`, 5, 20),
      );
      return (await Promise.all(asked)).map((each) => Object.keys(each.counts));
    });
    expect(counts).toEqual([["400"], ["400"], ["400"]]);
    const { status } = await toAgent({
      method: "GET",
      path: "/v1/agent/services?filter=(Port==8216)%20or%20(Port==8202)",
    });
    expect(status).toBe(200);
  });

  test("is not kept by its name: made-up names fill no memory, asked for with ?cached or with an index", async () => {
    const cached = await toAgent({ method: "GET", path: "/v1/health/service/billing_service?cached" });
    expect(cached.headers["x-cache"]).toBeUndefined();
    const waited = await toAgent({ method: "GET", path: "/v1/health/service/billing_service?index=1" });
    expect(waited).toMatchObject({ status: 200, headers: { "x-consul-query-backend": "blocking-query" } });
    const memory = async () => {
      const consul = await docker(
        "exec",
        nameOf("consul-agent-shared"),
        "sh",
        "-c",
        "cat /proc/$(busybox pidof consul)/status",
      );
      return Number(/VmRSS:\s+(\d+)/.exec(consul)?.[1] ?? Number.NaN) / 1024;
    };
    const before = await memory();
    const counts = await unnoticed("made-up names", 40, async () => [
      await attacker.names("cached", 5000),
      await attacker.names("index=1&wait=1ms", 5000),
    ]);
    expect(counts).toEqual([{ 200: 5000 }, { 200: 5000 }]);
    // Kept, they took 140 MiB.
    const grown = (await memory()) - before;
    measured("10,000 made-up names: the agent's memory grew by", grown, 60, "MiB");
    expect(grown).toBeLessThan(100);
  });

  test("is not Consul's own log, where others' addresses stand, whatever right a token has", async () => {
    for (const path of [
      "/v1/agent/monitor",
      "/v1/agent/monitor?loglevel=trace",
      "/v1/agent/m%6fnitor",
      "/v1/agent/metrics/stream",
    ])
      expect(await toAgent({ method: "GET", path, token: management })).toMatchObject({ status: 403 });
  });

  test("is no deeply nested entry of configuration: it is refused before Consul reads it", async () => {
    const nested = `${'{"a":'.repeat(9000)}1${"}".repeat(9000)}`;
    const begun = Date.now();
    const answer = await toAgent({
      method: "PUT",
      path: "/v1/config",
      body: { Kind: "proxy-defaults", Config: nested },
    });
    expect(answer).toMatchObject({ status: 413 });
    inTime("a nested entry of configuration", (Date.now() - begun) / 1000, AIM);
  });
});

test.each(["?Token=SECRET", "?TOKEN=SECRET", "?token=%20SECRET", "?token=SECRET%26", "?token=+SECRET"])(
  "a token in the address is in no log, also where Consul knows no such one: %s",
  async (query) => {
    const begun = new Date();
    const secret = await token("discovery");
    // Consul's complaint about such a body names the whole address.
    const path = `/v1/kv/${KEYS}x${query.replace("SECRET", secret)}`;
    const { status } = await toAgent({ method: "PUT", path, body: "x".repeat(100_000) });
    expect(status).toBe(403);
    expect(await logged(begun)).not.toContain(secret);
  },
);

test("two tokens in an address are refused, as is a name that has another spelling", async () => {
  const secret = await token("discovery");
  for (const query of [`token=${secret}&token=${secret}`, `t%6fken=${secret}`, `a=1;token=${secret}`])
    expect(await toAgent({ method: "GET", path: `/v1/catalog/services?${query}` })).toMatchObject({ status: 400 });
});

test("a token in the address, as python-consul sends it, is taken and in no log", async () => {
  const secret = await token("discovery");
  const begun = new Date();
  const program = `
import os, consul
c = consul.Consul(host="consul-agent-shared", port=8500, token=os.environ["TOKEN"])
print(len(c.health.service("billing_service", passing=True)[1]))
try:
    c.kv.put("${KEYS}forbidden", "x" * 100000)
except consul.ACLPermissionDenied:
    print("refused")
`;
  const { stdout } = await python(program, { network: DOOR.network, env: { TOKEN: secret } });
  expect(stdout).toBe("1\nrefused\n");
  expect(await logged(begun)).not.toContain(secret);
});

describe("either of the two programs in the agent's container ends", () => {
  const PIDS = { Nginx: "cat /tmp/nginx.pid", Consul: "busybox pidof consul" } as const;

  test.each([
    ["Nginx", PIDS.Nginx, PIDS.Consul],
    ["Consul", PIDS.Consul, PIDS.Nginx],
  ])("%s is there again by itself, and the other one and the services do not notice", async (what, own, others) => {
    const name = nameOf("consul-agent-shared");
    const inside = (command: string) => docker("exec", name, "sh", "-c", command);
    const watch = await HealthWatch.start();
    const [killed, other] = [await inside(own), await inside(others)];
    const begun = Date.now();
    await inside(`kill -9 ${killed.trim()}`);
    await until(`${what} is there again`, 10, async () => {
      const members = inside(`${own} && busybox wget -q -O - http://127.0.0.1:8500/v1/agent/members`);
      const [pid, ...answer] = (await members.catch(() => killed)).split("\n");
      return pid !== killed.trim() && answer.join().includes("consul-server-1");
    });
    inTime(`${what} killed: the agent answers again`, (Date.now() - begun) / 1000, 5);
    expect(await inside(others)).toBe(other);
    await untilAllPass(10);
    expect((await watch.stop()).left).toEqual({});
  });
});
