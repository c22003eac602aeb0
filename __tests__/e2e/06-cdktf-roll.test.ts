/**
 * @needs platform
 * @areas lib/consul/agents/consul-server.ts lib/consul/scripts stacks
 * @seconds 200
 * @command test:all
 */
import { AIMS } from "../../bench/aims.js";
import { containers, differing, plainCdktf } from "./support/clone.js";
import { Cluster, SERVERS, type Server, untilAllPass } from "./support/cluster.js";
import { measured, nameOf, rollcall, token, until } from "./support/platform.js";
import { call, poll, Repeater } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

let management = "";
let cluster: Cluster;

beforeAll(async () => {
  await untilAllPass(30);
  management = await token("management");
  cluster = new Cluster(management);
});
afterEach(() => Repeater.stopAll());
// Whatever failed: the servers have the configuration that the files after this one expect.
afterAll(() => rollcall("up"));

/** Raft's count of elections, won or not. */
async function term(): Promise<number> {
  const self = JSON.parse(await call("/v1/agent/self", { token: management })) as { Stats: { raft: { term: string } } };
  return Number(self.Stats.raft.term);
}

async function lead(server: Server): Promise<void> {
  await cluster.untilWhole("all servers are whole before", 20);
  if ((await cluster.leader()) === server) return;
  const id = (await cluster.voters())[server] ?? "";
  await call(`/v1/operator/raft/transfer-leader?id=${id}`, { method: "POST", token: management });
  await until(`${server} leads`, 5, async () => (await cluster.leader()) === server);
}

/**
 * Deploys another configuration of the servers while one of them leads at first.
 * @returns how many elections it cost, and how often another server led after it: who ended may be elected again
 */
async function rolled(
  first: Server,
  setting: string,
): Promise<{ readonly elections: number; readonly leaders: number }> {
  await lead(first);
  const [terms, made] = [await term(), await containers()];
  const leaders = poll("/v1/status/leader?stale", { atOnce: 1 });
  const traffic = { token: management, keys: "e2e-cdktf/", aim: AIMS.deploy.seconds.writes };
  await underLoad(`plain cdktf deploy, ${first} leads`, traffic, () =>
    plainCdktf("deploy '*' --auto-approve", setting),
  );
  const changed = differing(made, await containers());
  expect(SERVERS.filter((server) => !changed.includes(nameOf(server)))).toEqual([]);
  await cluster.untilWhole("all servers are whole after", 20);
  const elections = (await term()) - terms;
  const seen = (await leaders.stop()).flatMap(({ value = "" }) => (value.includes(":8300") ? [value] : []));
  const others = seen.filter((leader, index) => index > 0 && leader !== seen[index - 1]).length;
  measured(`elections, plain cdktf deploy, ${first} leads`, elections, "1 to 3", "terms");
  measured(`another leader, plain cdktf deploy, ${first} leads`, others, "0 to 3", "times");
  return { elections, leaders: others };
}

describe("a change of the servers' configuration by plain cdktf deploy", () => {
  test("costs one election where the last server leads", async () => {
    const { elections, leaders } = await rolled("consul-server-3", "ROLLCALL_RAFT_MULTIPLIER=2");
    expect({ some: elections > 0, more: leaders > 1 }).toEqual({ some: true, more: false });
  });

  test("costs up to three where the first one leads: whoever takes over may be the next to be replaced", async () => {
    const { elections, leaders } = await rolled("consul-server-1", "");
    expect({ some: elections > 0, more: leaders > 3 }).toEqual({ some: true, more: false });
    await untilAllPass(30);
    expect(await rollcall("up")).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  });
});
