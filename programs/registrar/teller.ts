import type { Agent } from "./agent.js";
import { Refused, Unreachable } from "./consul.js";
import { definitionOf, type Files, type Placed } from "./files.js";
import type { Journal, Order } from "./journal.js";
import type { Target } from "./judge.js";
import { planOf } from "./plan.js";
import { isUnhurried, registrationOf } from "./registration.js";
import type { Report } from "./report.js";

export interface TellerProps {
  readonly agent: Agent;
  readonly files: Files;
  readonly journal: Journal;
  readonly report: Report;
  /** What is in place, by the service's id. */
  readonly placed: Map<string, Placed>;
  /** What is to be. */
  readonly targets: () => ReadonlyMap<string, Target>;
}

/** The agent takes one at a time. While more wait, it does not stop to send each to the servers by itself. */
const SIDE_BY_SIDE = 8;
/** So many new services may have their checks made at once; those beyond have the agent's own spread. */
const HURRIED_AT_MOST = 100;
const HURRY_LOOK_MS = 500;
/** After that a service that gives no answer has its own interval again. */
const HURRY_MOST_MS = 12_000;
const RETRY_MS = { first: 1000, most: 8000 } as const;
/** An agent that goes away may begin again with a file that was written this much later than it took the service. */
const BEGINS_AGAIN_MS = 5000;

/** A new service whose checks are made at once. */
interface Hurried {
  readonly text: string;
  readonly until: number;
}

/**
 * Tells the agent what the journal has, and writes a file when the agent has taken what stands in it. What fails stays in
 * the journal, and is tried again less and less often.
 */
export class Teller {
  private readonly ready = new Set<string>();
  private readonly busy = new Set<string>();
  private readonly tries = new Map<string, number>();
  private readonly hurried = new Map<string, Hurried>();
  private readonly toldAt = new Map<string, number>();
  private readonly due = new Map<string, number>();
  /** What an earlier run has left is not hurried: it may be there already. */
  private readonly left: ReadonlySet<string>;
  private isPaused = false;

  constructor(private readonly props: TellerProps) {
    this.left = new Set(props.journal.orders.keys());
  }

  /** Writes orders down, and tells the agent. @param since when the change was seen */
  order(orders: ReadonlyMap<string, Order>, since?: number): void {
    this.props.journal.add(orders);
    if (since !== undefined) for (const id of orders.keys()) this.due.set(id, since);
    this.tell(orders.keys());
  }

  tell(ids: Iterable<string>): void {
    for (const id of ids) this.ready.add(id);
    this.pump();
  }

  /** Whether the agent has had this definition since then, so that what it said of it is of this one. */
  isSettled(id: string, since: number): boolean {
    const isOpen = this.props.journal.orders.has(id) && !this.hurried.has(id);
    return !isOpen && !this.busy.has(id) && (this.toldAt.get(id) ?? 0) < since;
  }

  /** What the agent took just before it went away it is told again. */
  agentWentAway(): void {
    const now = performance.now();
    const again = [...this.toldAt].filter(([id, at]) => now - at < BEGINS_AGAIN_MS && this.props.placed.has(id));
    this.order(
      new Map(
        again.map(([id]) => [id, { what: "+", file: this.props.placed.get(id)?.place.file ?? "", why: "again" }]),
      ),
    );
  }

  private pump(): void {
    for (const id of this.ready) {
      if (this.isPaused || this.busy.size >= SIDE_BY_SIDE) return;
      if (this.busy.has(id)) continue;
      this.ready.delete(id);
      this.busy.add(id);
      void this.tellOne(id).finally(() => {
        this.busy.delete(id);
        this.pump();
      });
    }
  }

  private async tellOne(id: string): Promise<void> {
    const { journal, report } = this.props;
    const order = journal.orders.get(id);
    if (order === undefined) return;
    const target = this.props.targets().get(id);
    try {
      if (order.what === "-") await this.deregister(id, order);
      // What is missing in KV is told nothing until it is known whether it is gone.
      else if (target !== undefined) await this.register(id, order, target);
      this.tries.delete(id);
      report.well("agent");
      report.well("files");
    } catch (error) {
      this.failed(id, target?.place.key ?? order.file, error);
    }
  }

  private failed(id: string, key: string, error: unknown): void {
    const { report } = this.props;
    if (error instanceof Unreachable) {
      report.trouble("agent", `agent: cannot be reached: ${error.message}`);
      this.ready.add(id);
      this.isPaused = true;
      setTimeout(() => {
        this.isPaused = false;
        this.pump();
      }, RETRY_MS.first).unref();
      return;
    }
    if (error instanceof Refused) report.agentRefuses(id, key, error.message);
    else report.trouble("files", `files: cannot be written: ${error instanceof Error ? error.message : error}`);
    const tries = this.tries.get(id) ?? 0;
    this.tries.set(id, tries + 1);
    setTimeout(() => this.tell([id]), Math.min(RETRY_MS.first * 2 ** tries, RETRY_MS.most)).unref();
  }

  private async deregister(id: string, order: Order): Promise<void> {
    const { agent, files, report } = this.props;
    // Before the agent is told: it must not begin with it again.
    files.remove(order.file);
    this.hurried.delete(id);
    await agent.deregister(id);
    if (this.close(id, order)) report.say(`deregistered ${id} (${order.why})`);
  }

  private async register(id: string, order: Order, target: Target): Promise<void> {
    const { agent, files, journal, report, placed } = this.props;
    const isSecond = this.hurried.get(id)?.text === target.text;
    const isHurried = !isSecond && this.mayHurry(id, order, target);
    const before = placed.get(id);
    const { statuses } = planOf(before, target);
    if (order.what === "!" && !isSecond) await agent.deregister(id);
    if (isHurried) this.hurry(id, target.text);
    try {
      await agent.register(registrationOf(target.text, statuses, isHurried));
    } catch (error) {
      if (isHurried) this.hurried.delete(id);
      if (error instanceof Refused && order.what === "!") await this.putBack(id);
      throw error;
    }
    this.toldAt.set(id, performance.now());
    // It was removed meanwhile, and is deregistered next: nothing of it may be in place again.
    if (journal.orders.get(id)?.what === "-") return;
    if (before !== undefined && before.place.file !== target.place.file) files.remove(before.place.file);
    const now = { ...target, statuses };
    files.write(now);
    placed.set(id, now);
    if (isHurried) return;
    this.hurried.delete(id);
    if (this.close(id, order)) report.say(`registered ${id} (${order.why})`);
  }

  /** The agent has lost the earlier definition, and refuses the one that was to follow. */
  private async putBack(id: string): Promise<void> {
    const { agent, placed } = this.props;
    const earlier = placed.get(id);
    if (earlier === undefined) return;
    await agent.register(registrationOf(earlier.text, earlier.statuses, false)).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
    });
  }

  /** Closes an order that no other has followed. */
  private close(id: string, order: Order): boolean {
    const { journal, placed, report } = this.props;
    report.registered = placed.size;
    if (journal.orders.get(id) !== order) {
      this.ready.add(id);
      return false;
    }
    journal.close(id);
    report.untold = journal.orders.size;
    const since = this.due.get(id);
    report.agentTook(id, since === undefined ? undefined : (performance.now() - since) / 1000);
    this.due.delete(id);
    return true;
  }

  private mayHurry(id: string, order: Order, target: Target): boolean {
    const isNew = order.why === "new" && !this.left.has(id);
    return isNew && this.hurried.size < HURRIED_AT_MOST && isUnhurried(target.text);
  }

  private hurry(id: string, text: string): void {
    this.hurried.set(id, { text, until: performance.now() + HURRY_MOST_MS });
    if (this.hurried.size === 1) setTimeout(() => this.settle(), HURRY_LOOK_MS).unref();
  }

  /** Registers as declared what has a first result. */
  private async settle(): Promise<void> {
    try {
      const made = new Set((await this.props.agent.checks()).filter(({ wasMade }) => wasMade).map(({ id }) => id));
      const now = performance.now();
      const isMade = ({ text }: Hurried) =>
        definitionOf(text).checks.every(({ id, interval }) => interval === undefined || made.has(id));
      this.tell([...this.hurried].filter(([, one]) => now > one.until || isMade(one)).map(([id]) => id));
    } catch {
      // The agent is away. What it has is told again then.
    }
    if (this.hurried.size > 0) setTimeout(() => this.settle(), HURRY_LOOK_MS).unref();
  }
}
