import { createHash } from "node:crypto";
import { readEntries } from "./agent.js";
import { Refused } from "./consul.js";
import type { Order } from "./journal.js";
import { Judge, type Judgement, type Target } from "./judge.js";
import { count, forever, type Parts } from "./parts.js";
import { planOf } from "./plan.js";

/** What changes together is read together. */
const GATHER_MS = 200;
/** What is missing must be missing again after this time: a service that moves to another team is not gone meanwhile. */
const CONFIRM_MS = 1000;

/** From Consul KV to what the agent must be told. */
export class KvFollower {
  private wanted: ReadonlyMap<string, Target> = new Map();
  private readonly judge: Judge;
  /** Ids that KV no longer has, if it is true. */
  private missing: ReadonlySet<string> = new Set();
  private lastRead = "";
  private index: string | undefined;

  constructor(
    private readonly parts: Parts,
    prefix: string,
  ) {
    this.judge = new Judge(prefix);
    for (const [id, { what, file }] of parts.journal.orders) if (what === "-") this.forget(id, file);
  }

  /** What is to be at the agent, by the service's id. */
  get targets(): ReadonlyMap<string, Target> {
    return this.wanted;
  }

  /** An error is never an empty catalog: nothing changes then, and it is tried again. */
  run(): Promise<void> {
    const failing = { thing: "kv", what: "kv: cannot be read, so nothing changes" };
    return forever(
      this.parts,
      failing,
      () => this.turn(),
      () => {
        this.index = undefined;
      },
    );
  }

  private async turn(): Promise<number> {
    const isConfirmed = this.missing.size > 0 && (await this.mayRead());
    const reading = await this.parts.agent.entries(this.missing.size > 0 ? undefined : this.index);
    this.index = reading.index;
    this.take(reading.body, isConfirmed);
    return this.missing.size > 0 ? CONFIRM_MS : GATHER_MS;
  }

  /** Keys that the token may not read would look like keys that are gone. */
  private async mayRead(): Promise<boolean> {
    try {
      await this.parts.agent.confirmRights();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const what = "kv: services are missing there, but it cannot be confirmed, so nothing changes";
      this.parts.report.trouble("kv", `${what}: ${error.message}`);
      return false;
    }
  }

  private take(body: Buffer, isConfirmed: boolean): void {
    const { report } = this.parts;
    const read = createHash("sha1").update(body).digest("base64");
    if (read !== this.lastRead || this.missing.size > 0) {
      const entries = readEntries(body);
      report.declared = entries.length;
      const holders = new Map([...this.parts.placed].map(([id, { place }]) => [id, place.key]));
      this.carry(this.judge.judge(entries, holders), isConfirmed);
      this.lastRead = read;
      report.well("files");
    }
    if (this.missing.size === 0 || isConfirmed) report.well("kv");
  }

  private carry({ wanted, kept, refused }: Judgement, isConfirmed: boolean): void {
    const { journal, report } = this.parts;
    const before = this.wanted;
    const staying = [...kept].flatMap((id) => {
      const earlier = this.parts.placed.get(id);
      return earlier === undefined ? [] : [[id, earlier] as const];
    });
    this.wanted = new Map<string, Target>([...wanted, ...staying]);
    const orders = new Map<string, Order>();
    const again: string[] = [];
    for (const [id, target] of wanted) {
      const open = journal.orders.get(id);
      const there = this.parts.placed.get(id);
      const isThere = there?.text === target.text && there.place.file === target.place.file;
      if (open === undefined ? isThere : open.what !== "-" && before.get(id)?.text === target.text) continue;
      // What an earlier run has left, and is still wanted as it stands in the file.
      if (open !== undefined && open.what !== "-" && isThere && !before.has(id)) again.push(id);
      else orders.set(id, planOf(there, target).order);
    }
    again.push(...[...kept].filter((id) => journal.orders.has(id)));
    // What an earlier run has removed, and the agent may still have.
    again.push(...[...journal.orders].filter(([id, { what }]) => what === "-" && !orders.has(id)).map(([id]) => id));
    const gone = this.goneFrom(this.wanted);
    for (const id of isConfirmed ? gone.filter((each) => this.missing.has(each)) : [])
      orders.set(id, { what: "-", file: this.fileOf(id), why: "removed" });
    this.parts.teller.order(orders, performance.now());
    for (const [id, { what, file }] of orders) if (what === "-") this.forget(id, file);
    this.parts.teller.tell(again);
    this.missing = new Set(gone.filter((id) => !orders.has(id)));
    report.refuse(refused);
    count(this.parts);
  }

  /** Ids that are in place, or are to be, and that KV does not have. */
  private goneFrom(targets: ReadonlyMap<string, Target>): readonly string[] {
    const open = [...this.parts.journal.orders].filter(([, { what }]) => what !== "-").map(([id]) => id);
    return [...new Set([...this.parts.placed.keys(), ...open])].filter((id) => !targets.has(id));
  }

  /** Takes a removed service's file away before the agent is told: it must not begin with it again. */
  private forget(id: string, file: string): void {
    this.parts.files.remove(file);
    this.parts.placed.delete(id);
  }

  private fileOf(id: string): string {
    return this.parts.placed.get(id)?.place.file ?? this.parts.journal.orders.get(id)?.file ?? "";
  }
}
