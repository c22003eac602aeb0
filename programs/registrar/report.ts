import { printed } from "./consul.js";

/** A value of KV that is refused, or a service that the agent refuses. */
export interface Refusal {
  readonly key: string;
  readonly reason: string;
}

/** What is to be told of the registrar: in its log, and to whoever asks. */
export class Report {
  private readonly troubles = new Map<string, string>([["kv", "kv: has not been read yet"]]);
  private values: ReadonlyMap<string, string> = new Map();
  private readonly failing = new Map<string, Refusal>();
  /** Keys in KV. */
  declared = 0;
  /** Services that are in place. */
  registered = 0;
  /** Services of which the agent must still be told. */
  untold = 0;
  private lastChange = 0;
  private carried = { count: 0, seconds: 0, last: 0 };

  constructor(private readonly log: (line: string) => void) {}

  say(line: string): void {
    this.log(line.slice(0, 400));
  }

  /** Notes what is wrong with one thing. The same in other words is not told again. */
  trouble(thing: string, what: string): void {
    const before = this.troubles.get(thing);
    this.troubles.set(thing, what);
    if (before?.slice(0, 20) !== what.slice(0, 20)) this.say(what);
  }

  /** Notes that nothing is wrong with it any more. */
  well(thing: string): void {
    if (this.troubles.delete(thing)) this.say(`${thing}: well again`);
  }

  /** Takes the refused values of a reading, and tells those that are new. */
  refuse(values: ReadonlyMap<string, string>): void {
    for (const [key, reason] of values) if (this.values.get(key) !== reason) this.say(`refused ${key}: ${reason}`);
    this.values = values;
  }

  /** Notes that the agent refuses a service. */
  agentRefuses(id: string, key: string, why: string): void {
    this.failing.set(id, { key, reason: `agent refused: ${why}` });
  }

  /** Notes that it does not. @param seconds since KV was seen to say so @default - it did not change there */
  agentTook(id: string, seconds?: number): void {
    this.failing.delete(id);
    this.lastChange = Date.now() / 1000;
    if (seconds === undefined) return;
    const { carried } = this;
    this.carried = { count: carried.count + 1, seconds: carried.seconds + seconds, last: seconds };
  }

  get refusals(): readonly Refusal[] {
    return [...[...this.values].map(([key, reason]) => ({ key, reason })), ...this.failing.values()];
  }

  /** What is wrong, in one line; undefined where nothing is. */
  get fault(): string | undefined {
    const { refusals } = this;
    const [first] = refusals;
    const refused = first === undefined ? [] : [`${refusals.length} refused; the first: ${first.key} ${first.reason}`];
    const faults = [...this.troubles.values(), ...refused];
    return faults.length === 0 ? undefined : printed(faults.join("; "));
  }

  /** For Prometheus. */
  metrics(): string {
    const values = {
      rollcall_registrar_declared: this.declared,
      rollcall_registrar_registered: this.registered,
      rollcall_registrar_refused: this.refusals.length,
      rollcall_registrar_in_sync: this.untold === 0 && this.troubles.size === 0 ? 1 : 0,
      rollcall_registrar_last_change_timestamp_seconds: this.lastChange,
      rollcall_registrar_last_carry_seconds: this.carried.last,
      rollcall_registrar_carry_seconds_total: this.carried.seconds,
      rollcall_registrar_carries_total: this.carried.count,
      process_resident_memory_bytes: process.memoryUsage.rss(),
    };
    return Object.entries(values)
      .map(([name, value]) => `# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n${name} ${value}\n`)
      .join("");
  }
}
