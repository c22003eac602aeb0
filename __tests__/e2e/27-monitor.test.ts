/**
 * @needs platform
 * @areas programs/monitor lib/monitoring lib/consul/monitor lib/host-resources.ts stacks/monitor-stack.ts
 * @seconds 300
 */
import { FOREIGN_METRICS } from "../../lib/monitoring/foreign-metrics.js";
import { METRICS } from "../../lib/monitoring/metrics.js";
import { BILLING, BILLING_HOST, CHECKED_WITHIN, untilAgentIsBack } from "./support/billing.js";
import { SERVERS, untilAllPass } from "./support/cluster.js";
import { consulMetrics, eventsAfter, inShort, lastSeq, Metrics, untilMetrics } from "./support/monitor.js";
import { apiJson, command, crash, docker, nameOf, rollcall, token, until } from "./support/platform.js";
import { call } from "./support/poll.js";

const AGENT = "consul-agent-shared";
const KEY = "/v1/kv/catalog/user-platform/billing_service";
const ONE = `{service="${BILLING}",team="user-platform"}`;

let management: string;
beforeAll(async () => {
  management = await token("management");
});

afterAll(async () => {
  await docker("start", nameOf(BILLING_HOST));
  await untilAllPass(60);
});

afterEach(async () => {
  for (const name of [AGENT, "consul-monitor", BILLING_HOST]) await docker("start", nameOf(name));
});

/** What the monitor exports of a platform that is well, of which each test begins and to which it comes back. */
function isWell(metrics: Metrics): boolean {
  return metrics.inState("passing") === 40 && metrics.get("rollcall_catalog_in_sync") === 1;
}
const untilWell = () => untilMetrics("all 40 pass, and all is in sync", 60, isWell);

/** A call to the agent's own API, as the person on call makes it there. */
async function consul(...words: readonly string[]): Promise<void> {
  const env = { CONSUL_HTTP_TOKEN: management };
  const ended = await command("docker", ["exec", "-e", "CONSUL_HTTP_TOKEN", nameOf(AGENT), "consul", ...words], {
    env,
  });
  if (ended.code !== 0) throw new Error(ended.stderr);
}

describe("a platform that is well", () => {
  test("has each service up and passing, one leader, and everything else that can be learnt", async () => {
    const metrics = await untilWell();
    expect(Object.values(metrics.of("rollcall_service_up"))).toEqual(Array(40).fill(1));
    expect(Object.values(metrics.of("rollcall_check_state"))).toEqual(Array(40).fill(2));
    for (const [name, value] of Object.entries({ declared: 40, registered: 40, extra: 0, refused: 0, in_sync: 1 }))
      expect([name, metrics.get(`rollcall_catalog_${name}`)]).toEqual([name, value]);
    expect(metrics.of("rollcall_agent_up")).toEqual({ [`{node="${AGENT}"}`]: 1 });
    expect(metrics.get("rollcall_consul_reachable")).toBe(1);
    expect(metrics.get("rollcall_data_age_seconds")).toBeLessThan(10);
    const leaders = Object.values(
      (await untilMetrics("who leads", 10, (one) => Object.keys(one.of("rollcall_consul_leader")).length === 3)).of(
        "rollcall_consul_leader",
      ),
    );
    expect(leaders.sort()).toEqual([0, 0, 1]);
    const later = await untilMetrics(
      "gateway and certificates",
      30,
      (one) =>
        one.get("rollcall_gateway_up") === 1 &&
        Object.keys(one.of("rollcall_certificate_not_after_timestamp_seconds")).length === 6,
    );
    const ends = later.of("rollcall_certificate_not_after_timestamp_seconds");
    expect(Object.keys(ends).sort()).toEqual(
      ["agent", "ca", "gateway", "server-1", "server-2", "server-3"].map((part) => `{part="${part}"}`),
    );
    for (const end of Object.values(ends)) expect(end * 1000).toBeGreaterThan(Date.now() + 300 * 86_400_000);
    for (const part of ["cpu", "memory", "disk"]) {
      expect(later.get(`rollcall_host_${part}_ratio`)).toBeGreaterThanOrEqual(0);
      expect(later.get(`rollcall_host_${part}_ratio`)).toBeLessThanOrEqual(1);
    }
    expect(
      later.of("rollcall_service_info")[
        `{service="${BILLING}",team="user-platform",address="isa-billing:8216",kind="http",severity="ticket",slo="",latency="",owner="",runbook=""}`
      ],
    ).toBe(1);
  });

  test("exports, with Consul's own metrics, every name that a rule or a panel asks for", async () => {
    const metricsToken = (await rollcall("token", ["metrics"])).stdout.trim();
    const texts = await Promise.all([...SERVERS, AGENT].map((name) => consulMetrics(nameOf(name), metricsToken)));
    const exported = new Set(texts.flatMap((text) => text.match(/^[a-zA-Z_:][\w:]*/gm) ?? []));
    expect(FOREIGN_METRICS.consul.filter((name) => !exported.has(name))).toEqual([]);
    const own = await Metrics.read();
    const ofMonitor = Object.values(METRICS).filter(({ exporters }) => exporters.includes("monitor"));
    const unheard = ofMonitor.filter(({ name }) => Object.keys(own.of(name)).length === 0).map(({ name }) => name);
    // Of these there may be nothing to tell: no backup is scheduled here, and nothing may have changed since the start.
    const quiet = /^rollcall_(backup_|alerting_|service_not_found_since_|\w+_last_change_timestamp_seconds$)/;
    expect(unheard.filter((name) => !quiet.test(name))).toEqual([]);
  });

  test("status and doctor know the monitor", async () => {
    const { parts } = JSON.parse((await rollcall("status", ["--json"])).stdout);
    expect(parts).toContainEqual(expect.objectContaining({ name: "monitor" }));
    expect((await rollcall("logs", ["monitor"])).stdout).toContain("monitor-started");
  });
});

test("a service that stops is critical, then missing once Consul has dropped it, critical again, and comes back", async () => {
  await untilWell();
  const [before, changes] = [await lastSeq(), (await Metrics.read()).get(`rollcall_service_changes_total${ONE}`) ?? 0];
  await docker("stop", nameOf(BILLING_HOST));
  const down = await untilMetrics("billing is critical", CHECKED_WITHIN, (one) => one.up(BILLING) === 0);
  expect(down.states(BILLING)).toEqual({ critical: 1 });
  expect(
    down.get(`rollcall_check_state{service="${BILLING}",team="user-platform",id="${BILLING}",check="${BILLING}:http"}`),
  ).toBe(0);
  expect(down.inState("passing")).toBe(39);
  // Dropped after 90 s, and put back by the registrar within 30 s: in between it is missing, and never up.
  const reaped = await untilMetrics("billing is missing", 150, (one) => one.states(BILLING).missing === 1);
  expect([reaped.up(BILLING), reaped.get("rollcall_catalog_in_sync")]).toEqual([0, 0]);
  await untilMetrics("billing is registered again", 60, (one) => one.states(BILLING).critical === 1);
  await docker("start", nameOf(BILLING_HOST));
  await untilMetrics("billing is up", 3 * CHECKED_WITHIN, (one) => one.up(BILLING) === 1);
  const events = await eventsAfter(before);
  expect(inShort(events, BILLING)).toEqual([
    "passing>critical",
    "critical>missing",
    "missing>critical",
    "critical>passing",
  ]);
  expect(events[0]).toMatchObject({ service: BILLING, id: BILLING, check: null, from: "passing", to: "critical" });
  expect(events[0]?.output).toMatch(/isa-billing/);
  expect(events[1]).toMatchObject({ check: `${BILLING}:http`, from: "passing", to: "critical" });
  const after = await Metrics.read();
  expect(after.get(`rollcall_service_changes_total${ONE}`)).toBe(changes + 4);
  const changed = after.get(`rollcall_service_last_change_timestamp_seconds${ONE}`) ?? 0;
  expect(Math.abs(changed * 1000 - Date.parse(events.at(-1)?.time ?? ""))).toBeLessThan(2000);
}, 600_000);

test("an agent that is killed leaves its checks passing in Consul, and the monitor says that nobody can know", async () => {
  await untilWell();
  const before = await lastSeq();
  await docker("kill", nameOf(AGENT));
  const lost = await untilMetrics(
    "the agent is gone",
    20,
    (one) => one.of("rollcall_agent_up")[`{node="${AGENT}"}`] === 0,
  );
  expect([lost.inState("unknown"), lost.inState("passing"), lost.inState("critical")]).toEqual([40, 0, 0]);
  expect(Object.values(lost.of("rollcall_service_up"))).toEqual(Array(40).fill(0));
  expect(lost.of("rollcall_check_state")).toEqual({});
  expect(lost.get("rollcall_consul_reachable")).toBe(1);
  const checks = await apiJson<{ Status: string; ServiceID: string }[]>("/v1/health/state/any");
  expect(checks.filter(({ ServiceID, Status }) => ServiceID !== "" && Status !== "passing")).toEqual([]);
  await docker("start", nameOf(AGENT));
  await untilAgentIsBack(20);
  await untilWell();
  const events = await eventsAfter(before);
  expect(inShort(events, BILLING)).toEqual(["passing>unknown", "unknown>passing"]);
  expect(events.filter(({ check }) => check === null)).toHaveLength(80);
  expect(events.filter(({ check }) => check !== null)).toEqual([]);
}, 300_000);

describe("what is declared and what is not", () => {
  test("a value that is refused is counted, and the earlier definition watched on", async () => {
    await untilWell();
    const before = await lastSeq();
    const kept = await call(`${KEY}?raw`, { token: management });
    try {
      await call(KEY, { method: "PUT", token: management, body: JSON.stringify({ ...JSON.parse(kept), port: 0 }) });
      const refused = await untilMetrics("a value is refused", 5, (one) => one.get("rollcall_catalog_refused") === 1);
      expect([refused.get("rollcall_catalog_declared"), refused.get("rollcall_catalog_in_sync")]).toEqual([40, 0]);
      expect([refused.up(BILLING), refused.inState("passing")]).toEqual([1, 40]);
    } finally {
      await call(KEY, { method: "PUT", token: management, body: kept });
    }
    const well = await untilWell();
    expect(well.get("rollcall_catalog_refused")).toBe(0);
    expect(await eventsAfter(before)).toEqual([]);
    expect(Date.now() / 1000 - (well.get("rollcall_catalog_last_change_timestamp_seconds") ?? 0)).toBeLessThan(60);
  });

  test("what is declared and not registered is missing until the registrar has put it back", async () => {
    await untilWell();
    const before = await lastSeq();
    await consul("services", "deregister", `-id=${BILLING}`);
    const missing = await untilMetrics("billing is missing", 5, (one) => one.states(BILLING).missing === 1);
    expect([missing.up(BILLING), missing.get("rollcall_catalog_registered")]).toEqual([0, 39]);
    await untilWell();
    const [first, ...rest] = inShort(await eventsAfter(before), BILLING);
    expect([first, rest.at(-1)]).toEqual(["passing>missing", expect.stringMatching(/^(critical|missing)>passing$/)]);
  }, 300_000);

  test("what is registered and not declared is extra, on the agent and elsewhere, with a check and without", async () => {
    await untilWell();
    const before = await lastSeq();
    const elsewhere = { Node: "e2e-monitor", Address: "192.0.2.1" };
    const service = { ID: "e2e-stray", Service: "e2e-stray" };
    await call("/v1/catalog/register", {
      method: "PUT",
      token: management,
      body: JSON.stringify({ ...elsewhere, Service: service }),
    });
    try {
      const extra = await untilMetrics("one is extra", 15, (one) => one.get("rollcall_catalog_extra") === 1);
      expect([extra.get("rollcall_catalog_in_sync"), extra.inState("passing")]).toEqual([0, 40]);
      const check = { Node: elsewhere.Node, CheckID: "e2e", Name: "e2e", ServiceID: service.ID, Status: "passing" };
      await call("/v1/catalog/register", {
        method: "PUT",
        token: management,
        body: JSON.stringify({ ...elsewhere, Service: service, Check: check }),
      });
      await consul("services", "register", "-name=e2e-own", "-id=e2e-own");
      await untilMetrics("two are extra", 15, (one) => one.get("rollcall_catalog_extra") === 2);
    } finally {
      await call("/v1/catalog/deregister", {
        method: "PUT",
        token: management,
        body: JSON.stringify({ Node: elsewhere.Node }),
      });
      await consul("services", "deregister", "-id=e2e-own").catch(() => {});
    }
    await untilWell();
    expect(await eventsAfter(before)).toEqual([]);
  });
});

test("maintenance mode is no outage: it has a state of its own, and discovery hands the service out no more", async () => {
  await untilWell();
  const before = await lastSeq();
  await consul("maint", "-enable", `-service=${BILLING}`, "-reason=new disk");
  const resting = await untilMetrics("billing is in maintenance", 5, (one) => one.states(BILLING).maintenance === 1);
  expect([resting.up(BILLING), resting.inState("critical"), resting.get("rollcall_catalog_in_sync")]).toEqual([
    0, 0, 1,
  ]);
  await consul("maint", "-disable", `-service=${BILLING}`);
  await untilMetrics("billing is passing", 5, (one) => one.up(BILLING) === 1);
  const events = await eventsAfter(before);
  expect(inShort(events, BILLING)).toEqual(["passing>maintenance", "maintenance>passing"]);
  expect(events[0]?.output).toContain("new disk");
});

test("a monitor that is killed goes on where it was: no gap, no duplicate, and what changed meanwhile once", async () => {
  await untilWell();
  const before = await lastSeq();
  const startedAt = () => docker("inspect", "--format", "{{.State.StartedAt}}", nameOf("consul-monitor"));
  const first = await startedAt();
  await docker("stop", nameOf(BILLING_HOST));
  await untilMetrics("billing is critical", CHECKED_WITHIN, (one) => one.up(BILLING) === 0);
  await crash("consul-monitor");
  await until(
    "the monitor runs again",
    20,
    async () => (await startedAt()) !== first && (await Metrics.read()).up(BILLING) === 0,
  );
  await docker("kill", nameOf("consul-monitor"));
  await docker("start", nameOf(BILLING_HOST));
  await until("billing passes", 3 * CHECKED_WITHIN, async () => {
    const [check] = await apiJson<{ Status: string }[]>(`/v1/health/checks/${BILLING}`);
    return check?.Status === "passing";
  });
  await docker("start", nameOf("consul-monitor"));
  await untilMetrics("billing is up", 20, (one) => one.up(BILLING) === 1);
  const events = await eventsAfter(before);
  expect(inShort(events, BILLING)).toEqual([
    "passing>critical",
    "monitor-started",
    "monitor-started",
    "critical>passing",
  ]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => before + 1 + at));
}, 300_000);
