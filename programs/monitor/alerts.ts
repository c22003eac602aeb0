import * as z from "zod";
import { DEAD_MANS_SWITCH } from "../../lib/monitoring/receivers.js";
import type { AlertEvent } from "./alert-event.js";
import type { History } from "./history.js";

/** What Alertmanager sends to a webhook; what is not read here is left alone. */
const message = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      startsAt: z.string(),
      fingerprint: z.string(),
    }),
  ),
});

type Alert = z.output<typeof message>["alerts"][number];

const MOST_CHARACTERS = 500;

/**
 * What Alertmanager tells: each alert is written down once when it begins, and once when it is over. Alertmanager repeats
 * what goes on, and all of a group when one of it changes.
 */
export class Alerts {
  /** What was told last, by receiver and alert, and since when it is so. */
  private readonly told = new Map<string, string>();
  private lastSeen: number | undefined;

  constructor(
    private readonly history: Pick<History, "append">,
    private readonly log: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** When the dead man's switch was last heard, Unix time in seconds; undefined before the first time. */
  get lastHeard(): number | undefined {
    return this.lastSeen;
  }

  /**
   * Takes one message.
   * @throws z.ZodError or SyntaxError where it is none of Alertmanager's; Error where the disk does not take it: then it is to
   * be sent again
   */
  take(receiver: string, text: string): void {
    const { alerts } = message.parse(JSON.parse(text));
    if (receiver === DEAD_MANS_SWITCH) {
      this.lastSeen = this.now() / 1000;
      return;
    }
    const time = new Date(this.now()).toISOString();
    const keyOf = ({ fingerprint }: Alert) => `${receiver} ${fingerprint}`;
    const stateOf = ({ status, startsAt }: Alert) => `${status} ${startsAt}`;
    const changed = alerts.filter((alert) => this.told.get(keyOf(alert)) !== stateOf(alert));
    const events = changed.map((alert) => eventOf(alert, receiver, time));
    this.history.append(events, this.now());
    for (const alert of changed) this.told.set(keyOf(alert), stateOf(alert));
    this.forget(receiver, alerts);
    for (const { event, alert, service, summary } of events)
      this.log(`${event} ${receiver}: ${alert}${service === "" ? "" : ` ${service}`}: ${summary}`);
  }

  /** What is over is told no more once Alertmanager has said so. */
  private forget(receiver: string, alerts: readonly Alert[]): void {
    const over = [...this.told].filter(([, state]) => state.startsWith("resolved "));
    const here = new Set(alerts.map(({ fingerprint }) => `${receiver} ${fingerprint}`));
    for (const [key] of over) if (!here.has(key)) this.told.delete(key);
  }
}

function eventOf({ status, labels, annotations, startsAt }: Alert, receiver: string, time: string): AlertEvent {
  return {
    time,
    event: `alert-${status}`,
    receiver,
    alert: labels.alertname ?? "",
    severity: labels.severity ?? "",
    team: labels.team ?? "",
    service: labels.service ?? "",
    since: startsAt,
    summary: (annotations.summary ?? "").slice(0, MOST_CHARACTERS),
  };
}
