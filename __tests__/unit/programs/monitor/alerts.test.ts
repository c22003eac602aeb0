import { Alerts } from "../../../../programs/monitor/alerts.js";
import type { NewEvent } from "../../../../programs/monitor/history.js";

const SUMMARY = "billing is down";
const alert = (status: string, more: Readonly<Record<string, unknown>> = {}) => ({
  status,
  labels: { alertname: "ServiceDown", severity: "page", team: "payments", service: "billing" },
  annotations: { summary: SUMMARY, description: "No instance of it passes." },
  startsAt: "2026-12-01T10:00:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  fingerprint: "8c4b",
  ...more,
});
const message = (...alerts: readonly object[]) => JSON.stringify({ version: "4", receiver: "x", alerts });

function receiver() {
  const events: NewEvent[] = [];
  const lines: string[] = [];
  const history = { append: (added: readonly NewEvent[]) => void events.push(...added) };
  const alerts = new Alerts(
    history,
    (line) => lines.push(line),
    () => 1_780_000_000_000,
  );
  return { alerts, events, lines, history };
}

test("an alert is written down once when it begins and once when it is over, however often it is told", () => {
  const { alerts, events, lines } = receiver();
  for (const status of ["firing", "firing", "resolved", "resolved"])
    alerts.take("payments-page", message(alert(status)));
  const common = { receiver: "payments-page", alert: "ServiceDown", severity: "page", service: "billing" };
  const also = { team: "payments", since: "2026-12-01T10:00:00Z", summary: SUMMARY, time: "2026-05-28T20:26:40.000Z" };
  expect(events).toEqual([
    { event: "alert-firing", ...common, ...also },
    { event: "alert-resolved", ...common, ...also },
  ]);
  expect(lines[0]).toBe("alert-firing payments-page: ServiceDown billing: billing is down");
});

test("it begins again with another beginning, and each receiver is told by itself", () => {
  const { alerts, events } = receiver();
  alerts.take("payments-page", message(alert("firing")));
  alerts.take("payments-page", message(alert("resolved")));
  alerts.take("payments-page", message(alert("firing", { startsAt: "2026-12-01T11:00:00Z" })));
  alerts.take("platform-page", message(alert("firing", { startsAt: "2026-12-01T11:00:00Z" })));
  expect(events.map((event) => "event" in event && event.event)).toEqual([
    ...["alert-firing", "alert-resolved", "alert-firing", "alert-firing"],
  ]);
});

test("of a group, what did not change is not written again", () => {
  const { alerts, events } = receiver();
  const other = alert("firing", { fingerprint: "9d5c" });
  alerts.take("payments-page", message(alert("firing")));
  alerts.take("payments-page", message(alert("firing"), other));
  expect(events).toHaveLength(2);
});

test("the dead man's switch is heard and not written down", () => {
  const { alerts, events } = receiver();
  expect(alerts.lastHeard).toBeUndefined();
  alerts.take("dead-mans-switch", message(alert("firing")));
  expect([alerts.lastHeard, events]).toEqual([1_780_000_000, []]);
});

test("what the disk does not take is taken when it comes again", () => {
  const { alerts, events, history } = receiver();
  const { append } = history;
  history.append = () => {
    throw new Error("no space left on device");
  };
  expect(() => alerts.take("payments-page", message(alert("firing")))).toThrow("no space");
  history.append = append;
  alerts.take("payments-page", message(alert("firing")));
  expect(events).toHaveLength(1);
});

test.each(["", "{}", "[]", '{"alerts":[{"status":"odd"}]}'])("no message of Alertmanager's is refused: %j", (text) => {
  const { alerts, events } = receiver();
  expect(() => alerts.take("payments-page", text)).toThrow();
  expect(events).toEqual([]);
});
