/**
 * @needs clone
 * @areas ops/platform/servers ops/platform/apply-platform.ts lib/consul/gateway/gateway-servers.ts lib/consul/cluster.ts
 * @seconds 300
 * @command test:all
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { Instance } from "./support/instance.js";
import { docker, inTime, until } from "./support/platform.js";
import { call, Repeater } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const FIVE = { ROLLCALL_SERVERS: "5" };
const AIM = AIMS.serverCount.seconds;
const THREE = { ROLLCALL_SERVERS: "3" };
const UNSET = { ROLLCALL_SERVERS: "" };

let instance: Instance;
let management = "";

async function ask<T>(path: string): Promise<T> {
  return JSON.parse(await call(path, { token: management, port: instance.httpPort })) as T;
}

interface Autopilot {
  readonly FailureTolerance: number;
  readonly Servers: readonly { readonly Name: string; readonly Voter: boolean; readonly Healthy: boolean }[];
}

/** Autopilot takes a server whose last sign of life was late for unhealthy until it looks again, after 2 s. */
function untilVoting(expected: readonly string[]): Promise<unknown> {
  return until(`${expected.length} healthy servers vote`, 10, async () => {
    const { Servers, FailureTolerance } = await ask<Autopilot>("/v1/operator/autopilot/health");
    const voters = Servers.flatMap(({ Name, Voter, Healthy }) => (Voter && Healthy ? [Name] : [])).sort();
    return voters.join() === expected.join() && FailureTolerance === (expected.length - 1) / 2;
  });
}

async function minQuorum(): Promise<number> {
  return (await ask<{ MinQuorum: number }>("/v1/operator/autopilot/configuration")).MinQuorum;
}

const servers = (count: number) => Array.from({ length: count }, (_, index) => `consul-server-${index + 1}`);

const gateway = () => docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", `${instance.prefix}consul-ui`);

/** Who answers so many calls through the gateway, each once. `agent/self` would take seconds of who just forgot another. */
async function answering(calls: number): Promise<readonly string[]> {
  const answers = new Set<string>();
  for (let count = 0; count < calls; count += 1)
    answers.add((await ask<{ Host: { hostname: string } }>("/v1/agent/host")).Host.hostname);
  return [...answers].sort();
}

/** One that the gateway once got no answer from is not asked for 10 s. */
function untilAnswering(expected: readonly string[]): Promise<unknown> {
  const areThey = async () => (await answering(12)).join() === expected.join();
  return until(`the gateway asks ${expected.length} servers`, AIM.asked, areThey);
}

/** Does something while clients write and read: none of them may notice, and the gateway goes on. */
async function counted(what: string, work: () => Promise<void>): Promise<void> {
  const before = await gateway();
  const keys = `e2e-count/${what.replaceAll(" ", "-")}/`;
  const traffic = { token: management, keys, aim: AIM.writes, atOnce: 40, at: instance };
  const { acknowledged, refused, failed } = await underLoad(what, traffic, work);
  expect(acknowledged).toBeGreaterThan(200);
  expect({ refused, failed }).toEqual({ refused: 0, failed: 0 });
  expect(await gateway()).toBe(before);
}

/** An `up` that must succeed. */
async function up(what: string, aimSeconds: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const begun = Date.now();
  await instance.done("up", [], env);
  inTime(what, (Date.now() - begun) / 1000, aimSeconds);
}

beforeAll(async () => {
  instance = await Instance.create("count-", 3);
  await up("up of three servers, without stand-ins", 60);
  management = await instance.token("management");
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down();
  await instance.remove();
});

describe("the number of servers", () => {
  test("goes from 3 to 5 by the one setting: all vote, two may fail, and nothing acknowledged is lost", async () => {
    await counted("3 to 5", () => up("up from 3 to 5", AIM.more, FIVE));
    await untilVoting(servers(5));
    expect(await minQuorum()).toBe(5);
    await untilAnswering(servers(5));
  });

  test("does not go down where the setting was forgotten, nor by an exchange, and diff tells it as a danger", async () => {
    const refused = await instance.run("up", UNSET);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ROLLCALL_SERVERS was 5, and is not set, which means 3"),
    });
    const exchange = await instance.run("rotate", THREE, [], ["tokens"]);
    expect(exchange).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("consul-server-4 and consul-server-5 were applied too"),
    });
    const diff = await instance.run("diff", { ...THREE, ROLLCALL_HTTPS_PORT: "" });
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/`up` refuses: settings are missing\n {2}ROLLCALL_HTTPS_PORT was \d+/);
    expect(diff.stdout).toMatch(/consul-server-4-data is destroyed \(ROLLCALL_ALLOW=server-data lets it pass\)/);
    expect(diff.stdout).toMatch(/consul-server-5-data is destroyed/);
    await untilVoting(servers(5));
  });

  test("goes back to 3 by the one setting, interrupted on the way: the next up finishes, and nothing of the others stays", async () => {
    await counted("5 to 3", async () => {
      const begun = Date.now();
      const run = instance.start("up", THREE);
      await until("consul-server-5 is stopped", 120, async () => run.said().includes("consul-server-5 is stopped"));
      run.kill("SIGINT");
      expect(await run.ended).toMatchObject({ code: 1, stderr: expect.stringContaining("Interrupted.") });
      // The gateway has forgotten the fourth, which still runs.
      const fourth = await docker("inspect", "--format", "{{.State.Status}}", `${instance.prefix}consul-server-4`);
      expect(fourth.trim()).toBe("running");
      expect(servers(3)).toEqual(expect.arrayContaining([...(await answering(40))]));
      await instance.done("up", [], THREE);
      inTime("5 to 3, interrupted once", (Date.now() - begun) / 1000, AIM.fewer);
    });
    await untilVoting(servers(3));
    expect(await minQuorum()).toBe(3);
    await untilAnswering(servers(3));
    const { Servers } = await ask<{ Servers: { Node: string }[] }>("/v1/operator/raft/configuration");
    expect(Servers.map(({ Node }) => Node).sort()).toEqual(servers(3));
    const nodes = await ask<{ Node: string }[]>("/v1/catalog/nodes");
    expect(nodes.map(({ Node }) => Node).sort()).toEqual(["consul-agent-shared", ...servers(3)]);
    for (const name of [...servers(3), "consul-agent-shared"])
      expect(await docker("exec", `${instance.prefix}${name}`, "consul", "members")).not.toMatch(/consul-server-[45]/);
    expect((await instance.made()).filter((line) => /server-[45]/.test(line))).toEqual([]);
    for (const number of [4, 5]) expect(existsSync(join(instance.state, `server-${number}.tfstate`))).toBe(false);
  });
});
