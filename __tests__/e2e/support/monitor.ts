import { InsideTransport } from "../../../ops/consul/api/inside-transport.js";
import { docker, nameOf, until } from "./platform.js";

/** A line of the monitor's history: a change, or an event of its own. */
export interface MonitorEvent {
  readonly seq: number;
  readonly time: string;
  readonly event?: string;
  readonly service?: string;
  readonly id?: string;
  readonly check?: string | null;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly output?: string;
  /** Of an alert. */
  readonly alert?: string;
  readonly receiver?: string;
}

/** Asks a monitor from within its container: the control network is not reached from every host. */
async function ask(path: string, container = nameOf("consul-monitor")): Promise<string> {
  return docker("exec", container, "busybox", "wget", "-q", "-O", "-", `http://127.0.0.1:9182${path}`);
}

/** The monitor's metrics, a line each: `name{labels} value`. */
export class Metrics {
  private constructor(private readonly samples: ReadonlyMap<string, number>) {}

  static async read(): Promise<Metrics> {
    const lines = (await ask("/metrics")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Metrics(
      new Map(
        lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
      ),
    );
  }

  /** The value of a series; undefined where there is none. */
  get(series: string): number | undefined {
    return this.samples.get(series);
  }

  /** Series of a metric with a value, by their labels. */
  of(name: string): Readonly<Record<string, number>> {
    const found = [...this.samples].filter(([series]) => series.replace(/\{.*/, "") === name);
    return Object.fromEntries(found.map(([series, value]) => [series.slice(name.length), value]));
  }

  /** In which states the instances of a service are: `{ passing: 1 }`. */
  states(service: string): Readonly<Record<string, number>> {
    const all = Object.entries(this.of("rollcall_service_instances")).filter(
      ([labels, value]) => labels.startsWith(`{service="${service}",`) && value > 0,
    );
    return Object.fromEntries(all.map(([labels, value]) => [/state="(\w+)"/.exec(labels)?.[1] ?? "", value]));
  }

  /** How many instances of all services are in a state. */
  inState(state: string): number {
    return Object.entries(this.of("rollcall_service_instances"))
      .filter(([labels]) => labels.includes(`state="${state}"`))
      .reduce((sum, [, value]) => sum + value, 0);
  }

  /** `rollcall_service_up` of a service. */
  up(service: string): number | undefined {
    const [found] = Object.entries(this.of("rollcall_service_up")).filter(([labels]) =>
      labels.startsWith(`{service="${service}",`),
    );
    return found?.[1];
  }
}

/** Waits until the metrics are so. */
export function untilMetrics(
  what: string,
  aimSeconds: number,
  condition: (metrics: Metrics) => boolean,
): Promise<Metrics> {
  return until(`the monitor says: ${what}`, aimSeconds, async () => {
    const metrics = await Metrics.read();
    return condition(metrics) && metrics;
  });
}

/** The number of the last event. */
export async function lastSeq(): Promise<number> {
  return (await Metrics.read()).get("rollcall_history_last_seq") ?? 0;
}

/** What the history has after a number. @param container of another platform's monitor */
export async function eventsAfter(seq: number, container?: string): Promise<readonly MonitorEvent[]> {
  const text = await ask(`/events?after=${seq}&limit=10000`, container);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** What a Consul says of itself, in Prometheus' words. @param token `rollcall token metrics` */
export async function consulMetrics(container: string, token: string): Promise<string> {
  const path = "/v1/agent/metrics?format=prometheus";
  const { status, body } = await new InsideTransport(container).send({ method: "GET", path, token, timeoutMs: 3000 });
  if (status !== 200) throw new Error(`${status}`);
  return body.toString();
}

/** The changes of a service's instances among events, as `passing>critical`, and events of the monitor's own by name. */
export function inShort(events: readonly MonitorEvent[], service: string): readonly string[] {
  return events
    .filter((one) => one.event !== undefined || (one.service === service && one.check === null))
    .map(({ event, from, to }) => event ?? `${from}>${to}`);
}
