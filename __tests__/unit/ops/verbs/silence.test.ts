import type { Alert, Silence } from "../../../../ops/alertmanager/alertmanager.js";
import { Alertmanager } from "../../../../ops/alertmanager/alertmanager.js";
import { requireMonitoring } from "../../../../ops/alertmanager/require-monitoring.js";
import { alertLines, alertsJson } from "../../../../ops/verbs/alerts.js";
import { matcherOf, secondsOf, silenceLines } from "../../../../ops/verbs/silence.js";

const alert = (more: Partial<Alert["labels"]>, status: Partial<Alert["status"]> = {}): Alert => ({
  labels: { alertname: "ServiceDown", severity: "page", team: "payments", service: "billing", ...(more as object) },
  annotations: { summary: "billing is down", runbook_url: "docs/runbooks.md#servicedown" },
  startsAt: "2026-12-01T10:00:30.000Z",
  status: { state: "active", silencedBy: [], inhibitedBy: [], ...status },
});

describe("alerts", () => {
  test("tell pages before tickets, and what is silenced last; that alerts arrive is none", () => {
    const found = alertsJson([
      alert({ alertname: "Watchdog" }),
      alert({ alertname: "Quiet" }, { silencedBy: ["a1"] }),
      alert({ alertname: "Explained" }, { inhibitedBy: ["b2"] }),
      alert({ alertname: "HostDisk", severity: "ticket" }),
      alert({}),
    ]);
    expect(found.map(({ alert: name, silenced }) => [name, silenced])).toEqual([
      ["ServiceDown", false],
      ["HostDisk", false],
      ["Quiet", true],
      ["Explained", true],
    ]);
  });

  test("are told in words, with the runbook", () => {
    expect(alertLines(alertsJson([alert({})]))).toEqual([
      "page      billing is down (ServiceDown, since 2026-12-01 10:00 UTC)\n          docs/runbooks.md#servicedown",
      "1 alert fires, 1 not silenced.",
    ]);
    expect(alertLines([])).toEqual(["No alert fires."]);
  });

  test("need monitoring, and say how to switch it on", () => {
    expect(() => requireMonitoring({ monitoring: false })).toThrow("monitoring is off");
    expect(() => requireMonitoring({ monitoring: true })).not.toThrow();
  });
});

describe("a silence", () => {
  test("is of a service or of an alert, and a mistyped one is refused with what was meant", () => {
    expect(matcherOf("billing", ["billing"])).toBe('service="billing"');
    expect(matcherOf("HostDisk", ["billing"])).toBe('alertname="HostDisk"');
    expect(() => matcherOf("biling", ["billing"])).toThrow("Neither a service nor an alert is called biling");
  });

  test("has an end", () => {
    expect(["30m", "2h", "3d", "30d"].map(secondsOf)).toEqual([1800, 7200, 259_200, 2_592_000]);
  });

  test.each(["", "2", "h", "0m", "31d", "2w", "1.5h", "-1h"])("%j is no time for one", (text) => {
    expect(() => secondsOf(text)).toThrow("is no time for a silence");
  });

  test("is listed with who wants it, why, and until when", () => {
    const one: Silence = {
      ...{ id: "f00d", comment: "moving its database", createdBy: "ada", endsAt: "2026-12-01T12:00:00.000Z" },
      status: { state: "active" },
      matchers: [{ name: "service", value: "billing", isEqual: true, isRegex: false }],
    };
    expect(silenceLines([one])).toEqual([
      "service=billing  until 2026-12-01 12:00 UTC  ada: moving its database  (f00d)",
    ]);
    expect(silenceLines([])).toEqual(["Nothing is silenced."]);
  });

  test("is asked for within Alertmanager's container, and what it says is never a shell's", async () => {
    const asked: (readonly string[])[] = [];
    const run = async (program: string, args: readonly string[]) => {
      asked.push([program, ...args]);
      return { stdout: "f00d\n", stderr: "" };
    };
    const id = await new Alertmanager("t1-", run).silence(['service="billing"'], 60, "ada", "$(reboot)");
    expect([id, asked[0]?.slice(0, 3), asked[0]?.slice(-4)]).toEqual([
      "f00d",
      ["docker", "exec", "t1-consul-alertmanager"],
      ["--duration=60s", "--author=ada", "--comment=$(reboot)", 'service="billing"'],
    ]);
  });
});
