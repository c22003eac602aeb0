import { GATEWAY_LIMITS } from "../../lib/consul/gateway-config";
import { untilAllPass } from "../e2e/support/cluster";
import { type Load, LoadClients } from "../e2e/support/load";
import { apiJson, docker, measured, nameOf, npm, token } from "../e2e/support/platform";
import { HealthWatch, Repeater, slowest, summaryOf } from "../e2e/support/poll";
import { kept, Writer } from "../e2e/support/writer";

const SECONDS = 60;
const PLATFORM = [
  "consul-ui",
  "consul-agent-shared",
  "consul-registrar",
  "consul-server-1",
  "consul-server-2",
  "consul-server-3",
];
/** Of 40 services, `?passing` of one is what applications ask most. */
const PATH = "/v1/health/service/billing_service?passing";
/** The two doors, each with the network on which its clients stand. */
const GATEWAY = { network: "rollcall-control", url: `http://consul-ui:8500${PATH}&stale` } as const;
const AGENT = { network: "rollcall-platform", url: `http://consul-agent-shared:8500${PATH}` } as const;

let clients: LoadClients;
let management = "";
let before: string;

/** How often each container was started, and since when the gateway's worker runs, which Nginx itself would replace. */
async function starts(): Promise<string> {
  const inspected = await docker("inspect", "--format", "{{.Name}} {{.State.StartedAt}}", ...PLATFORM.map(nameOf));
  const processes = (await docker("top", nameOf("consul-ui"), "-eo", "pid,args")).split("\n");
  return [inspected, ...processes.filter((line) => line.includes("nginx:"))].join("\n");
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

function tell(what: string, { counts, milliseconds }: Load): void {
  for (const [outcome, count] of Object.entries(counts)) measured(`${what}: ${outcome}`, count, "any", "requests");
  measured(
    `${what}: median and 99th percentile of what was served, ${milliseconds.median} and`,
    milliseconds.p99,
    "any",
    "ms",
  );
}

/** Nothing crashed, and the catalog is what was declared. */
async function untouched(): Promise<void> {
  expect(await starts()).toBe(before);
  expect(await npm("verify")).toMatchObject({ code: 0 });
}

describe.each([
  ["the gateway", GATEWAY],
  ["the shared agent", AGENT],
] as const)("%s under twice the load that it sustains", (what, { network, url }) => {
  test(`for ${SECONDS} s, from one client: it goes on, others are served, and the catalog stays right`, async () => {
    const sustained = await clients.sustain(network, url, 10, 32);
    const perSecond = (sustained.counts["200"] ?? 0) / 10;
    measured(`${what} sustains`, perSecond, "any", "requests a second");

    const watch = await HealthWatch.start();
    const writer = new Writer(management, "chaos-load/");
    const other = new Repeater(5, 5, () => apiJson("/v1/catalog/services"));
    const load = await clients.rate(network, url, SECONDS, 2 * perSecond);
    const others = await other.stop();
    const { left } = await watch.stop();

    tell(`${what} under twice that`, load);
    measured("others meanwhile: longest request", slowest(others), 5);
    expect({ failed: summaryOf(others).failed, left }).toEqual({ failed: 0, left: {} });
    expect(others.length).toBeGreaterThan(SECONDS);
    expect(slowest(others)).toBeLessThan(15);
    await kept(writer, `${what} under twice its load`, 5);
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
    async (what, { network, url }, share) => {
      const other = new Repeater(5, 5, () => apiJson("/v1/catalog/services"));
      const load = await clients.connections(network, `${url}${WAITING}`, 20, COUNT);
      const others = await other.stop();
      tell(what, load);
      expect(load.counts).toEqual({ held: share, 429: COUNT - share });
      measured("others meanwhile: longest request", slowest(others), 1);
      expect(summaryOf(others).failed).toBe(0);
      await untouched();
    },
  );
});
