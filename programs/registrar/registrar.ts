import type { Agent } from "./agent.js";
import { ChecksFollower } from "./checks-follower.js";
import type { Files } from "./files.js";
import type { Journal } from "./journal.js";
import { KvFollower } from "./kv-follower.js";
import type { Report } from "./report.js";
import { Teller } from "./teller.js";

export interface RegistrarProps {
  readonly agent: Agent;
  readonly files: Files;
  readonly journal: Journal;
  readonly report: Report;
  readonly prefix: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Carries the declared services from Consul KV to the shared agent, and keeps them there. */
export class Registrar {
  private readonly kv: KvFollower;
  private readonly checks: ChecksFollower;

  constructor(props: RegistrarProps) {
    const { files, journal, report, prefix } = props;
    const { placed, broken } = files.read();
    journal.add(new Map([...broken].map(([id, file]) => [id, { what: "!", file, why: "again" }])));
    const teller = new Teller({ ...props, placed, targets: () => this.kv.targets });
    const parts = { ...props, placed, teller };
    this.kv = new KvFollower(parts, prefix);
    this.checks = new ChecksFollower(parts);
    report.registered = placed.size;
  }

  run(): void {
    void this.kv.run();
    void this.checks.run();
  }
}
