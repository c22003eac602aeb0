/**
 * @needs platform
 * @areas lib/consul/agent-door-config.ts lib/consul/agent-config.ts lib/consul/shared-agent.ts lib/consul/nginx.ts
 *   lib/consul/scripts lib/docker/image-folder.ts
 * @seconds 90
 */
import { Attacker } from "./support/attacker";
import { untilAllPass } from "./support/cluster";
import { toAgent } from "./support/http";
import { docker, inTime, measured, nameOf, output, token, until } from "./support/platform";
import { HealthWatch, Repeater } from "./support/poll";
import { python } from "./support/python";
import { underLoad } from "./support/under-load";

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
