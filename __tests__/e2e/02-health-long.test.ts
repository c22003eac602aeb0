/**
 * @needs platform
 * @areas lib/consul/registrar lib/consul/agents/shared-agent.ts lib/consul/agents/agent-config.ts
 * @seconds 390
 * @command test:all
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BILLING, BILLING_HOST, CHECKED_WITHIN, untilAgentIsBack, untilBilling } from "./support/billing.js";
import { untilAllPass } from "./support/cluster.js";
import { docker, measured, nameOf, until } from "./support/platform.js";
import { HealthWatch, poll, Repeater, summaryOf } from "./support/poll.js";

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await docker("start", nameOf(BILLING_HOST));
  await untilAllPass(60);
});

describe("a service that stops", () => {
  test("for 4 minutes never shows as passing, whatever happens to the agent, and comes back by itself", async () => {
    const watch = await HealthWatch.start();
    const passing = poll(`/v1/health/service/${BILLING}?passing`, { atOnce: 1 });
    await docker("stop", nameOf(BILLING_HOST));
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
    await docker("start", nameOf(BILLING_HOST));
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
