/**
 * @needs platform
 * @areas lib/consul/agents/consul-server.ts lib/consul/scripts lib/consul/cluster.ts lib/docker/data-volume.ts ops/platform/servers
 *   ops/platform/apply-platform.ts
 * @seconds 300
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { settingsFor } from "../../dev/fresh-clone.js";
import { Cluster, REFUSED_BY_AN_ELECTION, SERVERS, untilAllPass } from "./support/cluster.js";
import {
  command,
  crash,
  docker,
  type Ended,
  inTime,
  nameOf,
  platform,
  rollcall,
  token,
  until,
} from "./support/platform.js";
import { call, HealthWatch, poll, Repeater, told } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

/** Keys of this file's own, far from the catalog's. */
const KEYS = "e2e-servers/";

let management = "";
let cluster: Cluster;

async function up(env: Record<string, string> = {}): Promise<Ended> {
  const ended = await rollcall("up", [], env);
  const { code, stderr, seconds } = ended;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const setting = Object.entries(env).map(([name, value]) => ` with ${name}=${value}`);
  inTime(`up${setting}`, seconds, AIMS.roll.seconds.up);
  return ended;
}

/** Which containers these are: another id where one was replaced. */
async function idsOf(...names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const ids = (await docker("inspect", "--format", "{{.Id}}", ...names.map(nameOf))).trim().split("\n");
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? ""]));
}

/** Gives the data of a server to a user: Consul does not start on data that its own cannot read. */
async function giveData(server: string, user: string): Promise<void> {
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf(server))).trim();
  const chown = ["--entrypoint", "/bin/sh", image, "-c", `chown -R ${user} /data && chmod 700 /data`];
  const volume = `${nameOf(server)}-data:/data`;
  await docker("run", "--rm", "--network", "none", "--user", "0:0", "--volume", volume, ...chown);
}

/** What the servers' configuration files say. */
async function raftMultipliers(): Promise<readonly unknown[]> {
  const files = SERVERS.map((name) => docker("exec", nameOf(name), "cat", "/rollcall/config/agent.json"));
  return (await Promise.all(files)).map((text) => {
    const config = JSON.parse(text) as { performance: { raft_multiplier: number } };
    return config.performance.raft_multiplier;
  });
}

beforeAll(async () => {
  management = await token("management");
  cluster = new Cluster(management);
  await untilAllPass(30);
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await call(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", token: management });
  const asBefore = { ROLLCALL_RAFT_MULTIPLIER: "1", ROLLCALL_NETWORKS: "none" };
  if ((await raftMultipliers()).join() !== "1,1,1") await rollcall("up", [], asBefore);
  await untilAllPass(60);
});

describe("a server whose process is killed", () => {
  test.each(SERVERS)("%s comes back by itself, and reads through the gateway go on meanwhile", async (server) => {
    const restarts = async () => Number(await docker("inspect", "--format", "{{.RestartCount}}", nameOf(server)));
    const before = await restarts();
    const isLeader = (await cluster.leader()) === server;
    const role = isLeader ? "the leader" : "a follower";
    const aim = AIMS.leaderKilled.seconds;

    // A stale read needs no leader; any other waits for the next one, which takes 2 s.
    const health = poll("/v1/health/service/billing_service?passing", { mustFind: true });
    const watch = await HealthWatch.start();
    const traffic = { token: management, keys: `${KEYS}${server}/`, aim: aim.writes, readAim: 1, isStale: true };
    const { failed } = await underLoad(`${role} killed`, traffic, async () => {
      await crash(server);
      await until(`${server}, ${role}, is started again`, 5, async () => (await restarts()) > before);
      await cluster.untilWhole(`${server}, ${role}, is a healthy peer again`, aim.whole);
    });

    expect(failed).toBe(0);
    const readAim = isLeader ? 3 : 1;
    expect(told(`health reads, ${role} killed`, await health.stop(), readAim)).toBeLessThan(3 * readAim);
    expect((await watch.stop(`${role} killed`)).left).toEqual({});
  });
});

describe("a change of the servers' configuration", () => {
  /** One that the agent joins and leaves again, which replaces it. */
  const network = nameOf("e2e-joined");
  let broken = "";

  beforeAll(() => docker("network", "create", network));
  afterAll(() => docker("network", "rm", network));

  test("stops at a server that does not get healthy, says why, and leaves the other two alone", async () => {
    // Those that follow are taken in the order of their numbers.
    broken = (await cluster.followers())[0] ?? "";
    await giveData(broken, "0:0");
    const before = await idsOf(...SERVERS);
    const term = await cluster.term();
    const watch = await HealthWatch.start();
    const traffic = { token: management, keys: `${KEYS}stopped/`, aim: AIMS.roll.seconds.writes };
    const { refused, failed } = await underLoad("a roll that is stopped", traffic, async () => {
      const { code, stderr, seconds } = await rollcall("up", [], { ROLLCALL_RAFT_MULTIPLIER: "2" });
      inTime("a roll that ends at a server that crashes", seconds, AIMS.roll.seconds.up);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("did not get healthy in time") });
      expect(stderr).toMatch(new RegExp(`${nameOf(broken)} is .*its last log line: .*permissions`));
    });
    const after = await idsOf(...SERVERS);
    expect(SERVERS.filter((server) => after[server] !== before[server])).toEqual([broken]);
    const { left, ...polls } = await watch.stop("a roll that is stopped");
    expect(left).toEqual({});
    expect(failed + polls.failed).toBe(0);
    // A write that was under way as the server ended may be refused; its client knows.
    expect(refused).toBeLessThanOrEqual((await cluster.electionsSince(term)) > 0 ? REFUSED_BY_AN_ELECTION : 4);
  });

  test.each([
    ["is continued by the next up once that server is fixed, and the agent joins a network", 2],
    ["rolls through them, and the agent leaves the network", 1],
  ])(
    "%s: raft_multiplier %i, nothing acknowledged is lost, no service leaves the passing set",
    async (_, multiplier) => {
      const joins = multiplier === 2;
      if (joins) await giveData(broken, "100:1000");
      const before = await idsOf(...SERVERS, "consul-agent-shared");
      const term = await cluster.term();
      const watch = await HealthWatch.start();
      const { writes: aim } = AIMS.roll.seconds;
      const traffic = { token: management, keys: `${KEYS}roll-${multiplier}/`, aim, atOnce: 40 };
      const networks = { ROLLCALL_NETWORKS: joins ? network : "none" };
      let handedOver = 0;
      const { refused, reasons, failed } = await underLoad("the roll", traffic, async () => {
        const { stdout, stderr } = await up({ ROLLCALL_RAFT_MULTIPLIER: String(multiplier), ...networks });
        expect(stdout).toContain("4 of 11 stacks changed");
        handedOver = stderr.match(/consul-server-\d leads now, instead of consul-server-\d/g)?.length ?? 0;
        expect(handedOver).toBeGreaterThan(0);
      });
      const { left, services, gap, ...polls } = await watch.stop("the roll");

      expect(await raftMultipliers()).toEqual([multiplier, multiplier, multiplier]);
      const after = await idsOf(...SERVERS, "consul-agent-shared");
      expect(Object.keys(before).filter((name) => after[name] === before[name])).toEqual([]);
      expect({ left, services }).toEqual({ left: {}, services: 40 });
      expect(gap).toBeLessThan(3 * aim);
      expect(failed + polls.failed).toBe(0);
      if ((await cluster.electionsSince(term, handedOver)) > 0)
        expect(refused).toBeLessThanOrEqual(REFUSED_BY_AN_ELECTION);
      else expect({ refused, reasons }).toEqual({ refused: 0, reasons: [] });
      await cluster.untilWhole("autopilot is content after the roll", 20);
    },
  );
});

describe("a server whose container was removed by hand", () => {
  test("is rebuilt by the next up, with what it knew", async () => {
    const watch = await HealthWatch.start();
    const traffic = { token: management, keys: `${KEYS}removed/`, aim: AIMS.serverRemoved.seconds.writes };
    await underLoad("a server's container removed", traffic, async () => {
      await docker("rm", "--force", nameOf("consul-server-2"));
      expect((await up()).stdout).toContain("1 of 11 stacks changed");
      await cluster.untilWhole("consul-server-2 is a healthy peer again", AIMS.serverRemoved.seconds.whole);
    });
    expect((await watch.stop("a server's container removed")).left).toEqual({});
  });

  test("together with its data, though it led, is rebuilt: a voter again, and nothing is lost", async () => {
    const server = await cluster.leader();
    const before = await cluster.voters();
    const watch = await HealthWatch.start();
    const traffic = { token: management, keys: `${KEYS}lost/`, aim: AIMS.serverRemoved.seconds.writes };
    await underLoad("the leader removed with its data", traffic, async () => {
      await docker("rm", "--force", nameOf(server));
      await docker("volume", "rm", `${nameOf(server)}-data`);
      expect((await up()).stdout).toContain("1 of 11 stacks changed");
      await cluster.untilWhole(`${server} is a healthy peer again, with all data`, AIMS.serverRemoved.seconds.whole);
    });
    expect((await watch.stop("the leader removed with its data")).left).toEqual({});
    const after = await cluster.voters();
    expect(Object.keys(after).sort()).toEqual([...SERVERS]);
    expect(SERVERS.filter((name) => after[name] !== before[name])).toEqual([server]);
  });
});

describe("terraform plan after up", () => {
  test("finds nothing to do in any stack", async () => {
    const { folder } = platform();
    const exports = (await rollcall("env")).stdout;
    const stacks = readdirSync(join(folder, "cdktf.out", "stacks"));
    expect(stacks).toHaveLength(11);
    const terraform = process.env.ROLLCALL_TERRAFORM || "terraform";
    const plans = stacks.map(async (stack) => {
      const script = `${exports}\nexec ${terraform} plan -detailed-exitcode -input=false -no-color`;
      const cwd = join(folder, "cdktf.out", "stacks", stack);
      const { code, stdout, stderr } = await command("sh", ["-c", script], { cwd, env: settingsFor(platform()) });
      const said = (stdout + stderr).split("\n").filter((line) => /^ *# .* (will|must) |^Plan:|Error/.test(line));
      return { stack, code, said: code === 0 ? [] : said };
    });
    expect(await Promise.all(plans)).toEqual(stacks.map((stack) => ({ stack, code: 0, said: [] })));
  });
});
