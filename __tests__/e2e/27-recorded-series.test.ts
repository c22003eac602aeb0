/**
 * @needs platform
 * @areas lib/monitoring dev/rules programs/monitor
 * @seconds 1100
 * @command test:all
 */
import { keepRecording, type Recording } from "../../dev/rules/recorded.js";
import { testRecording } from "../../dev/test-rules.js";
import { BILLING_HOST, untilAgentIsBack } from "./support/billing.js";
import { Cluster, SERVERS, untilAllPass } from "./support/cluster.js";
import { eventsAfter, inShort, lastSeq, untilMetrics } from "./support/monitor.js";
import { apiJson, docker, nameOf, rollcall, token } from "./support/platform.js";
import { Recorder } from "./support/recorder.js";

const AGENT = "consul-agent-shared";
/** Set where the recordings are to take the place of the ones in the repository. */
const KEEP = process.env.ROLLCALL_TEST_RECORD === "on";

let cluster: Cluster;
beforeAll(async () => {
  cluster = new Cluster(await token("management"));
});

afterEach(async () => {
  for (const name of [...SERVERS, AGENT, BILLING_HOST]) await docker("start", nameOf(name));
  await untilAllPass(60);
});

interface Trouble {
  readonly name: string;
  /** Breaks it. */
  readonly breaks: () => Promise<unknown>;
  /** How long it stays broken. */
  readonly seconds: number;
  readonly heals: () => Promise<unknown>;
  /** What the rules are to say at the end of that time. */
  readonly firing: Readonly<Record<string, number>>;
}

/** Records a platform that is well, broken, and well again, and has promtool say what the rules make of it. */
async function record({ name, breaks, seconds, heals, firing }: Trouble): Promise<void> {
  await untilMetrics("all 40 pass", 60, (one) => one.inState("passing") === 40);
  const recorder = Recorder.start((await rollcall("token", ["metrics"])).stdout.trim());
  const moments: Recording["moments"] = [];
  const look = (told: Readonly<Record<string, number>>) => moments.push({ at: recorder.at, firing: { ...told } });
  await recorder.go(30);
  look({});
  await breaks();
  await recorder.go(seconds);
  look(firing);
  await heals();
  await untilMetrics("all 40 pass", 90, (one) => one.inState("passing") === 40);
  // The longest that an alert goes on after its cause has gone.
  await recorder.go(90);
  look({});
  const recording = { name, series: await recorder.stop(), moments };
  if (KEEP) keepRecording(recording);
  expect(await testRecording(recording)).toBe("");
}

const kill = (name: string) => docker("kill", nameOf(name));
const start = (name: string) => docker("start", nameOf(name));

test("a server that does not lead is killed, and one page says so", async () => {
  const [follower = ""] = await cluster.followers();
  await record({
    name: "a server is killed",
    breaks: () => kill(follower),
    seconds: 120,
    heals: () => start(follower),
    firing: { ServerDown: 1 },
  });
}, 900_000);

test("the leader is killed, another one leads within seconds, and one page says that a server is down", async () => {
  const lead = await cluster.leader();
  await record({
    name: "the leader is killed",
    breaks: () => kill(lead),
    seconds: 120,
    heals: () => start(lead),
    firing: { ServerDown: 1 },
  });
}, 900_000);

test("two of three servers are killed, and one page says that there is no leader", async () => {
  const before = await lastSeq();
  const [first, second] = SERVERS;
  await record({
    name: "two of three servers are killed",
    breaks: () => Promise.all([kill(first), kill(second)]),
    seconds: 90,
    heals: () => Promise.all([start(first), start(second)]),
    firing: { NoLeader: 1 },
  });
  // Whoever cannot know says so, of each service, and nobody is told that 40 are down.
  const events = inShort(await eventsAfter(before), "billing_service");
  expect(events.filter((one) => one.endsWith(">critical") || one.endsWith(">missing"))).toEqual([]);
  expect(events.at(-1)).toMatch(/^(blind-to|unknown>passing)$/);
}, 900_000);

test("the agent is killed, and one page says so", async () => {
  await record({
    name: "the agent is killed",
    breaks: () => kill(AGENT),
    seconds: 90,
    heals: async () => {
      await start(AGENT);
      await untilAgentIsBack(20);
    },
    firing: { AgentDown: 1 },
  });
}, 900_000);

test("a service is stopped, dropped by Consul and put back, and one page says that it is down", async () => {
  await record({
    name: "a service is stopped",
    breaks: () => docker("stop", nameOf(BILLING_HOST)),
    // Consul drops it after 90 s, and within 30 s the registrar has put it back.
    seconds: 180,
    heals: () => start(BILLING_HOST),
    firing: { ServiceDown: 1 },
  });
  expect(await apiJson<unknown[]>("/v1/health/state/critical")).toEqual([]);
}, 900_000);
