/**
 * @needs platform
 * @areas lib/consul/gateway/gateway-config.ts lib/consul/nginx/nginx.ts lib/consul/agents/agent-config.ts lib/docker/memory.ts
 * @seconds 950
 * @command test:all
 */
import { AIMS } from "../../bench/aims.js";
import { GATEWAY_LIMITS } from "../../lib/consul/gateway/gateway-limits.js";
import { untilAllPass } from "../e2e/support/cluster.js";
import { type Counts, type Endpoint, type Load, LoadClients, SUSTAINED_P99_MS } from "../e2e/support/load.js";
import { docker, measured, nameOf, platform, rollcall, token } from "../e2e/support/platform.js";
import { HealthWatch, Repeater, slowest, summaryOf, told } from "../e2e/support/poll.js";
import { kept, Writer } from "../e2e/support/writer.js";

const SECONDS = 60;
/** Of 40 services, `?passing` of one is what applications ask most. */
const PATH = "/v1/health/service/billing_service?passing";
/** The two doors, each with the network on which its clients stand. */
const GATEWAY: Endpoint = { network: "rollcall-control", url: `http://consul-ui:8500${PATH}&stale` };
const AGENT: Endpoint = { network: "rollcall-platform", url: `http://consul-agent-shared:8500${PATH}` };

let clients: LoadClients;
let management = "";
let before: string;

/** Since when each container runs, and the gateway's worker, which Nginx itself would replace. */
async function starts(): Promise<string> {
  const names = await docker("ps", "--all", "--filter", `name=^/${platform().prefix}`, "--format", "{{.Names}}");
  const format = "{{.Name}} {{.State.StartedAt}} {{.RestartCount}}";
  const inspected = await docker("inspect", "--format", format, ...names.trim().split("\n").sort());
  const processes = (await docker("top", nameOf("consul-ui"), "-eo", "pid,args")).split("\n");
  // The cache loader ends by itself a minute after the start.
  const staying = processes.filter((line) => line.includes("nginx:") && !line.includes("cache loader"));
  return [inspected, ...staying].join("\n");
}

beforeAll(async () => {
  clients = await LoadClients.create();
  management = await token("management");
  await untilAllPass(60);
});

beforeEach(async () => {
  before = await starts();
});

afterEach(async () => {
  await Repeater.stopAll();
  await untilAllPass(30);
});

/**
 * Does something to a endpoint while others ask: a writer and a reader through the gateway from this host, and a modest client
 * with an address of its own at that endpoint. None of them is told to come later, and none waits longer than three times the
 * aim.
 */
async function amongOthers<T>(
  what: string,
  endpoint: Endpoint,
  seconds: number,
  aim: number,
  act: () => Promise<T>,
): Promise<T> {
  const watch = await HealthWatch.start();
  const writer = new Writer(management, "chaos-load/");
  const [result, modest] = await Promise.all([act(), clients.rate(endpoint, seconds, 10)]);
  const { left, attempts } = await watch.stop();

  const gap = told(`${what}, health queries`, attempts, aim);
  measured(`${what}, health queries: slowest of ${attempts.length}`, slowest(attempts), aim);
  print(`${what}, a modest client`, modest.counts);
  measured(`${what}, a modest client: slowest of ${modest.sent}`, modest.milliseconds.most / 1000, aim);
  const { acknowledged, refused, reasons } = await kept(writer, what, aim);
  expect({ failed: summaryOf(attempts).failed, left }).toEqual({ failed: 0, left: {} });
  expect(reasons.filter((reason) => /429|503/.test(reason))).toEqual([]);
  expect(refused).toBeLessThanOrEqual(acknowledged / 100);
  expect(modest.counts).toEqual({ 200: 10 * seconds });
  expect(attempts.length).toBeGreaterThan(seconds);
  expect(Math.max(gap, slowest(attempts), modest.milliseconds.most / 1000)).toBeLessThan(3 * aim);
  return result;
}

function print(what: string, counts: Counts): void {
  for (const [outcome, count] of Object.entries(counts)) measured(`${what}: ${outcome}`, count, "any", "requests");
}

/** Nothing crashed, and the catalog is what was declared. */
async function untouched(): Promise<void> {
  expect(await starts()).toBe(before);
  expect(await rollcall("verify")).toMatchObject({ code: 0 });
}

/** How many of the requests were neither served nor told to come later. */
function unanswered({ sent, counts }: Load): number {
  return sent - ["200", "429", "503"].reduce((total, status) => total + (counts[status] ?? 0), 0);
}

/**
 * How much of what a client wants to send it must have sent. Consul's own limit ends the connection with its 429, so that
 * each further request opens one; where all of a client's wait for the agent to take them, the client sends later.
 */
const SENT = { gateway: 0.95, agent: 0.75 } as const;

describe.each([
  ["the gateway", GATEWAY, AIMS.overloaded.seconds.others, SENT.gateway],
  ["the shared agent", AGENT, AIMS.agentOverloaded.seconds.others, SENT.agent],
] as const)("%s under twice the load that it sustains", (what, endpoint, aim, least) => {
  test(`for ${SECONDS} s, from four clients: it goes on, others are served, and the catalog stays right`, async () => {
    const sustained = await clients.sustained(endpoint);
    measured(`${what} answers all with 200, 99 % within ${SUSTAINED_P99_MS} ms, at`, sustained, "any", "a second");

    const during = `${what} under twice that`;
    const load = await amongOthers(during, endpoint, SECONDS, aim, async () => {
      const flood = await clients.flood(endpoint, SECONDS, 2 * sustained);
      measured(`${during}: sent`, flood.sent, 2 * sustained * SECONDS, "requests");
      print(during, flood.counts);
      measured(`${during}: 99th percentile of what was served`, flood.milliseconds.p99, "any", "ms");
      return flood;
    });

    expect(load.sent).toBeGreaterThanOrEqual(least * 2 * sustained * SECONDS);
    expect(load.counts["429"]).toBeGreaterThan(unanswered(load));
    expect(unanswered(load) / load.sent).toBeLessThan(0.001);
    await untouched();
  });
});

describe("one client that opens 2,000 connections", () => {
  const COUNT = 2000;
  /** An index that Consul never comes to: each waits for all its time. */
  const WAITING = "&index=1000000000&wait=60s";

  test.each([
    ["the gateway", GATEWAY, GATEWAY_LIMITS.blocking.perAddress],
    ["the shared agent", AGENT, 200],
  ] as const)(
    "with a blocking query each: %s holds its share and answers 429 to the rest",
    async (what, endpoint, share) => {
      const during = `${what} under ${COUNT} connections`;
      const greedy = { ...endpoint, url: `${endpoint.url}${WAITING}` };
      const counts = await amongOthers(during, endpoint, 20, AIMS.connections.seconds.others, () =>
        clients.connections(greedy, 20, COUNT),
      );
      print(during, counts);
      expect(counts).toEqual({ held: share, 429: COUNT - share });
      await untouched();
    },
  );
});

describe("one client with 2,000 connections that reads no answer", () => {
  const COUNT = 2000;
  /** Answers of some 20 KB: together more than the kernel keeps for a connection by itself. */
  const TIMES = 24;

  test.each([
    ["the gateway", GATEWAY],
    ["the shared agent", AGENT],
  ] as const)("%s goes on: what nobody reads takes little of its memory", async (what, endpoint) => {
    const during = `${what} under ${COUNT} connections that nobody reads`;
    const deaf = { ...endpoint, url: `${new URL(endpoint.url).origin}/v1/health/state/any?stale` };
    const held = await amongOthers(during, endpoint, 40, AIMS.connections.seconds.others, () =>
      clients.deaf(deaf, COUNT, TIMES),
    );
    measured(`${during}: still open in the end`, held, "any", "connections");
    await untouched();
  });
});
