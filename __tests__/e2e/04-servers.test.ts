import { readdirSync } from "node:fs";
import { join } from "node:path";
import { settingsFor } from "../../ops/fresh-clone";
import { Cluster, SERVERS, untilAllPass } from "./support/cluster";
import { command, crash, docker, measured, nameOf, npm, platform, token, until } from "./support/platform";
import { call, HealthWatch, poll, Repeater, told } from "./support/poll";
import { kept, Writer } from "./support/writer";

/** Keys of this file's own, far from the catalog's. */
const KEYS = "e2e-servers/";

let management = "";
let cluster: Cluster;

async function up(env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr, seconds } = await npm("up", [], env);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const setting = Object.entries(env).map(([name, value]) => ` with ${name}=${value}`);
  measured(`up${setting}`, seconds, 60);
  return stdout;
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
  if ((await raftMultipliers()).join() !== "1,1,1") await npm("up");
  await untilAllPass(60);
});

describe("a server whose process is killed", () => {
  test.each(SERVERS)("%s comes back by itself, and reads through the gateway go on meanwhile", async (server) => {
    await call(`/v1/kv/${KEYS}read`, { method: "PUT", token: management, body: "here" });
    const restarts = async () => Number(await docker("inspect", "--format", "{{.RestartCount}}", nameOf(server)));
    const before = await restarts();
    const role = (await cluster.leader()) === server ? "the leader" : "a follower";

    const stale = poll(`/v1/kv/${KEYS}read?raw&stale`, { token: management });
    const health = poll("/v1/health/service/billing_service?passing");
    const watch = await HealthWatch.start();
    const writer = new Writer(management, `${KEYS}${server}/`);
    await crash(server);
    await until(`${server}, ${role}, is started again`, 5, async () => (await restarts()) > before);
    await cluster.untilWhole(`${server}, ${role}, is a healthy peer again`, 20);

    await kept(writer, `${role} killed`, 3);
    const { left } = await watch.stop();
    // A stale read needs no leader; any other waits for the next one, which takes 2 s.
    expect(told(`stale KV reads, ${role} killed`, await stale.stop(), 1)).toBeLessThan(3);
    expect(told(`health reads, ${role} killed`, await health.stop(), role === "the leader" ? 3 : 1)).toBeLessThan(9);
    expect(left).toEqual({});
  });
});

describe("a change of the servers' configuration", () => {
  test.each([2, 1])(
    "to raft_multiplier %i rolls through them, and nothing acknowledged is lost",
    async (multiplier) => {
      const watch = await HealthWatch.start();
      const writer = new Writer(management, `${KEYS}roll-${multiplier}/`);
      const table = await up({ ROLLCALL_RAFT_MULTIPLIER: String(multiplier) });
      const { acknowledged, refused, gap, lost } = await writer.stop();
      const { left, services, attempts } = await watch.stop();

      expect(table).toContain("3 of 9 stacks changed");
      expect(await raftMultipliers()).toEqual([multiplier, multiplier, multiplier]);
      measured("acknowledged writes during the roll", acknowledged, "some", "writes");
      measured("writes refused during the roll", refused, "few", "writes");
      measured("longest gap between acknowledged writes", gap, 3);
      told("polls of all checks during the roll", attempts, 3);
      expect(lost).toEqual([]);
      expect(acknowledged).toBeGreaterThan(200);
      expect(gap).toBeLessThan(9);
      expect({ left, services }).toEqual({ left: {}, services: 40 });
      await writer.clean();
      await cluster.untilWhole("autopilot is content after the roll", 20);
    },
  );
});

describe("a server whose container was removed by hand", () => {
  test("is rebuilt by the next up, with what it knew", async () => {
    const watch = await HealthWatch.start();
    await docker("rm", "--force", nameOf("consul-server-2"));
    expect(await up()).toContain("1 of 9 stacks changed");
    await cluster.untilWhole("consul-server-2 is a healthy peer again", 20);
    expect((await watch.stop()).left).toEqual({});
  });
});

describe("terraform plan after up", () => {
  test("finds nothing to do in any stack", async () => {
    const { folder } = platform();
    const exports = (await npm("env")).stdout;
    const stacks = readdirSync(join(folder, "cdktf.out", "stacks"));
    expect(stacks).toHaveLength(9);
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
