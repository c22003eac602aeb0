import { setTimeout as sleep } from "node:timers/promises";
import { AIMS } from "../../bench/aims";
import { untilAllPass } from "./support/cluster";
import { apiJson, crash, docker, measured, nameOf, token, until } from "./support/platform";
import { call, HealthWatch, poll, Repeater, summaryOf } from "./support/poll";
import { underLoad } from "./support/under-load";

const BILLING = "billing_service";
const KEY = "/v1/kv/catalog/user-platform/billing_service";
/** Its check: every 10 s, with a time-out of 5 s. */
const CHECKED_WITHIN = 15;
const AIM = AIMS.registrarKilled.seconds;

/** A check's status in the catalog, "absent" where there is none. */
async function billingStatus(): Promise<string> {
  const checks = await apiJson<{ Status: string }[]>(`/v1/health/checks/${BILLING}`);
  return checks[0]?.Status ?? "absent";
}

function untilBilling(status: string, what: string, aimSeconds: number): Promise<boolean> {
  return until(`${what}: ${status}`, aimSeconds, async () => (await billingStatus()) === status);
}

async function untilAgentIsBack(aimSeconds: number): Promise<void> {
  const ask = () => docker("exec", nameOf("consul-agent-shared"), "consul", "catalog", "datacenters");
  await until("the agent answers again", aimSeconds, async () => (await ask()).trim() !== "");
}

beforeAll(() => untilAllPass(30));

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await docker("start", nameOf("isa-billing"));
  await untilAllPass(60);
});

describe("a service that stops", () => {
  test("is critical within its interval and time-out, and passing again likewise", async () => {
    const watch = await HealthWatch.start();
    await docker("stop", nameOf("isa-billing"));
    await untilBilling("critical", "billing stopped", CHECKED_WITHIN);
    await docker("start", nameOf("isa-billing"));
    await untilBilling("passing", "billing started", CHECKED_WITHIN);
    const { left } = await watch.stop();
    expect(left).toEqual({ [BILLING]: ["passing", "critical", "passing"] });
  });

  test("for 4 minutes never shows as passing, whatever happens to the agent, and comes back by itself", async () => {
    const watch = await HealthWatch.start();
    const passing = poll(`/v1/health/service/${BILLING}?passing`, { atOnce: 1 });
    await docker("stop", nameOf("isa-billing"));
    const stopped = Date.now();
    await untilBilling("critical", "billing stopped", CHECKED_WITHIN);
    // Before that the agent would start with what the file says: passing. It is the time of the registrar's watch.
    await until("the registrar has written that down", 3, async () => {
      const file = "/consul/config/services/user-platform.billing_service.json";
      const text = await docker("exec", nameOf("consul-agent-shared"), "cat", file);
      return text.includes('"status":"critical"');
    });

    await docker("restart", nameOf("consul-agent-shared"));
    await untilAgentIsBack(10);
    // Consul looks every 30 s what has been critical for 90 s; the registrar every 30 s what the agent lacks.
    await untilBilling("absent", "critical since the agent's restart, reaped after 90 s", 125);
    await untilBilling("critical", "reaped, registered again by the registrar", 35);
    await docker("restart", nameOf("consul-agent-shared"));
    await untilAgentIsBack(10);
    await sleep(Math.max(0, stopped + 240_000 - Date.now()));

    const started = Date.now();
    await docker("start", nameOf("isa-billing"));
    await untilBilling("passing", "billing started after 4 minutes", 60);
    expect((Date.now() - started) / 1000).toBeLessThan(60);
    const { left, attempts } = await watch.stop();
    const answers = await passing.stop();

    measured("polls of all checks", attempts.length / ((Date.now() - stopped) / 1000), 20, "a second");
    expect([summaryOf(attempts).failed, summaryOf(answers).failed]).toEqual([0, 0]);
    const sights = watch.seen.get(BILLING) ?? [];
    expect(Object.keys(left)).toEqual([BILLING]);
    expect(sights.map(({ status }) => status)).toEqual([
      "passing",
      "critical",
      ...sights.slice(2, -1).map(({ status }) => (status === "passing" ? "never passing" : status)),
      "passing",
    ]);
    const down = sights.find(({ status }) => status === "critical")?.atMs ?? 0;
    const meanwhile = answers.filter(({ begunMs, endedMs }) => begunMs > down && endedMs < started);
    expect(meanwhile.length).toBeGreaterThan(1000);
    expect(meanwhile.filter(({ value }) => value?.trim() !== "[]")).toEqual([]);
  });
});

describe("a restart of the platform's own containers", () => {
  test("of the agent takes no service from the passing set", async () => {
    const watch = await HealthWatch.start();
    await docker("restart", nameOf("consul-agent-shared"));
    await untilAgentIsBack(10);
    // The slowest check runs every 30 s: by then each has run.
    await sleep(33_000);
    const { left, services, attempts } = await watch.stop();
    expect({ left, services, failed: summaryOf(attempts).failed }).toEqual({ left: {}, services: 40, failed: 0 });
  });

  test.each([
    ["restart", () => docker("restart", nameOf("consul-registrar"))],
    ["crash", () => crash("consul-registrar")],
  ])("a %s of the registrar takes no service from the passing set, and a change still arrives", async (how, strike) => {
    const management = await token("management");
    const kept = await call(`${KEY}?raw`, { token: management });
    const definition = JSON.parse(kept) as { tags: string[] };
    const tagged = async (tag: string) => {
      const [found] = await apiJson<{ ServiceTags: string[] }[]>(`/v1/catalog/service/${BILLING}`);
      return found?.ServiceTags.includes(tag) === true;
    };
    const startedAt = () => docker("inspect", "--format", "{{.State.StartedAt}}", nameOf("consul-registrar"));
    const before = await startedAt();
    const watch = await HealthWatch.start();
    const traffic = { token: management, keys: `e2e-health/${how}/`, aim: AIM.writes };
    const { refused, failed } = await underLoad(`a ${how} of the registrar`, traffic, async () => {
      try {
        await strike();
        const changed = { ...definition, tags: [...definition.tags, how] };
        await call(KEY, { method: "PUT", token: management, body: JSON.stringify(changed) });
        await until(`a change after a ${how} of the registrar is live`, AIM.live, () => tagged(how));
      } finally {
        await call(KEY, { method: "PUT", token: management, body: kept });
      }
      await until("the change taken back is live", 3, async () => !(await tagged(how)));
      await until("the registrar is healthy", 20, async () => {
        const health = await docker("inspect", "--format", "{{.State.Health.Status}}", nameOf("consul-registrar"));
        return health.trim() === "healthy";
      });
    });
    expect(await startedAt()).not.toBe(before);
    const { left, services, ...polls } = await watch.stop(`a ${how} of the registrar`);
    expect({ left, services }).toEqual({ left: {}, services: 40 });
    expect({ refused, failed, polls: polls.failed }).toEqual({ refused: 0, failed: 0, polls: 0 });
  });
});
