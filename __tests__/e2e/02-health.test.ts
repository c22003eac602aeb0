/**
 * @needs platform
 * @areas programs/registrar lib/consul/registrar lib/consul/registrar/registrar.ts lib/consul/agents/shared-agent.ts lib/consul/agents/agent-config.ts
 *   lib/consul/scripts lib/consul/agents/self-check.ts
 * @seconds 110
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AIMS } from "../../bench/aims.js";
import { BILLING, BILLING_HOST, CHECKED_WITHIN, untilAgentIsBack, untilBilling } from "./support/billing.js";
import { untilAllPass } from "./support/cluster.js";
import { apiJson, crash, docker, nameOf, token, until } from "./support/platform.js";
import { call, HealthWatch, Repeater, summaryOf } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const KEY = "/v1/kv/catalog/user-platform/billing_service";
const AIM = AIMS.registrarKilled.seconds;

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await docker("start", nameOf(BILLING_HOST));
  await untilAllPass(60);
});

describe("a service that stops", () => {
  test("is critical within its interval and time-out, and passing again likewise", async () => {
    const watch = await HealthWatch.start();
    await docker("stop", nameOf(BILLING_HOST));
    await untilBilling("critical", "billing stopped", CHECKED_WITHIN);
    await docker("start", nameOf(BILLING_HOST));
    await untilBilling("passing", "billing started", CHECKED_WITHIN);
    const { left } = await watch.stop();
    expect(left).toEqual({ [BILLING]: ["passing", "critical", "passing"] });
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
