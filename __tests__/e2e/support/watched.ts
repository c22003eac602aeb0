import { writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { Instance } from "./instance.js";
import { eventsAfter, type MonitorEvent } from "./monitor.js";
import { until } from "./platform.js";
import { call } from "./poll.js";

/** The catalog of the platform: four services of one team, of which three wake somebody. */
export const CATALOG = `team: payments
defaults: { alert: page, check: { kind: http, path: /health, interval: 10s, timeout: 5s } }
services:
  ledger: { port: 8001, address: isa-ledger, slo: 99 }
  billing: { port: 8002, address: isa-billing, metrics: /health }
  vault: { port: 8003, address: isa-vault, alert: ticket }
  mail: { port: 8004, address: isa-mail }
`;
export const SERVICES = ["billing", "ledger", "mail", "vault"];

/**
 * A platform of its own with three servers, beside which Prometheus and Alertmanager can be switched on. Alertmanager tells
 * the monitor, which is a webhook like any other: its history says who was told of what, and when.
 */
export class Watched {
  /** What a verb needs for the platform with monitoring on. */
  on: Readonly<Record<string, string>>;
  /** The operator's token; "" before the first `watch`. */
  operator = "";

  private constructor(
    readonly own: Instance,
    /** The same with monitoring off. */
    readonly off: Readonly<Record<string, string>>,
  ) {
    this.on = { ...off, ROLLCALL_MONITORING: "on" };
  }

  /** Brings it up, without monitoring. @param prefix one that no other platform has */
  static async create(prefix: string): Promise<Watched> {
    const own = await Instance.create(prefix, 3);
    writeFileSync(join(own.folder, "catalog", "test.yaml"), CATALOG);
    const off = { ROLLCALL_WORKLOADS: "on", ROLLCALL_MONITORING_SUBNET: own.monitoringSubnet };
    await own.done("up", [], off);
    return new Watched(own, off);
  }

  /** Switches monitoring on, or brings what has changed. */
  async watch(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.on = { ...this.on, ...more };
    await this.own.done("up", ["--yes"], this.on);
    this.operator = await this.own.token("operator", this.on);
  }

  async remove(): Promise<void> {
    await this.own.down(this.on);
    await this.own.remove();
  }

  /** A container's name on the host. */
  named(name: string): string {
    return `${this.own.prefix}${name}`;
  }

  /** What the operator's browser gets from a page. */
  page(path: string, user = `operator:${this.operator}`): Promise<{ readonly status: number; readonly body: string }> {
    const { httpsPort } = this.own.where;
    const options = { host: "127.0.0.1", port: httpsPort, path, auth: user, rejectUnauthorized: false };
    return new Promise((resolve, reject) => {
      get(options, (answer) => {
        const parts: string[] = [];
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: parts.join("") }));
      }).on("error", reject);
    });
  }

  /** The names of the services that pass. */
  async passing(): Promise<readonly string[]> {
    const checks = JSON.parse(await call("/v1/health/state/passing", { port: this.own.httpPort }));
    const names: readonly string[] = checks.map(({ ServiceName }: { ServiceName: string }) => ServiceName);
    return names.filter(Boolean).sort();
  }

  untilAllPass(): Promise<true> {
    return until("all four pass", 30, async () => (await this.passing()).join() === SERVICES.join() || undefined);
  }

  /** The number of the last event. */
  async seq(): Promise<number> {
    return (await eventsAfter(0, this.named("consul-monitor"))).at(-1)?.seq ?? 0;
  }

  /** What Alertmanager told somebody after an event: `firing ServiceDown billing payments-page`. */
  async toldAfter(seq: number): Promise<readonly string[]> {
    return told(await eventsAfter(seq, this.named("consul-monitor")));
  }

  /** The same of what wakes somebody, without what is over. */
  async pagesAfter(seq: number): Promise<readonly string[]> {
    return (await this.toldAfter(seq)).filter((one) => /^firing .*-page$/.test(one));
  }

  /** Waits until somebody was told of it; gives how long it took. */
  async untilTold(what: string, seq: number, aimSeconds: number): Promise<number> {
    const begun = Date.now();
    await until(`told: ${what}`, aimSeconds, async () => (await this.toldAfter(seq)).includes(what));
    return (Date.now() - begun) / 1000;
  }
}

function told(events: readonly MonitorEvent[]): readonly string[] {
  return events
    .filter(({ event }) => event?.startsWith("alert-") === true)
    .map(({ event = "", alert, service, receiver }) =>
      [event.replace("alert-", ""), alert, service, receiver].filter(Boolean).join(" "),
    );
}
