import { readBaseline, writeBaseline } from "./baseline-file.js";
import { type Baseline, baselineOf, changesTo } from "./changes.js";
import type { Known } from "./expose.js";
import type { History, OwnEvent } from "./history.js";
import type { View } from "./states.js";
import type { Watcher } from "./watch.js";

/** From this age on, what was known says nothing any more. */
export const BLIND_AFTER_MS = 20_000;
/** How often what is known is written beside the history, at most. */
const SAVE_MS = 60_000;

/** What the watch has told, what of it was a change, and what there is to tell of both. */
export class Monitor implements Watcher {
  private baseline: Baseline;
  private view: View | undefined;
  private readonly changes = new Map<string, number>();
  private readonly notFound = new Map<string, number | undefined>();
  private isReachable = false;
  private isBlind = false;
  /** When what is known was true, in ms. */
  private asOf: number;
  private lastContact = 0;
  private catalogChanged: number | undefined;
  private savedAt = 0;
  private savedSeq: number;
  private trouble = "has not been answered yet";
  private isRefused = false;
  private unwritten: string | undefined;

  /** @throws Error where the history cannot be read or written */
  constructor(
    private readonly folder: string,
    private readonly history: History,
    private readonly log: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {
    this.baseline = readBaseline(folder, history);
    this.asOf = now();
    this.write("monitor-started");
    this.savedSeq = -1;
    this.save();
  }

  saw(
    view: View,
    { at, lastContact, isNew }: { readonly at: number; readonly lastContact: number; readonly isNew: boolean },
  ): void {
    if (!this.isReachable) this.log("consul answers");
    this.isReachable = true;
    this.isRefused = false;
    this.lastContact = lastContact;
    this.asOf = Math.max(this.asOf, at - lastContact * 1000);
    if (isNew) this.catalogChanged = at / 1000;
    this.look();
    // The same view has the same in it.
    if (this.isBlind || view === this.view) return;
    const changes = changesTo(this.baseline, view, this.now());
    try {
      this.history.append(changes, this.now());
    } catch (error) {
      // They are written the next time: what is not on the disk did not happen yet.
      this.fail(error);
      return;
    }
    this.unwritten = undefined;
    for (const { check, from, to, service } of changes)
      if (check === null && from !== null && to !== null)
        this.changes.set(service, (this.changes.get(service) ?? 0) + 1);
    this.noteFound(view);
    this.baseline = baselineOf(this.baseline, view, this.now());
    this.view = view;
    if (this.now() - this.savedAt > SAVE_MS) this.save();
  }

  /** Since when a service cannot be found: what was so from the start on is not known. */
  private noteFound({ instances, handedOut }: View): void {
    const isFirst = this.view === undefined;
    for (const { service } of instances)
      if (handedOut.has(service)) this.notFound.delete(service);
      else if (!this.notFound.has(service)) this.notFound.set(service, isFirst ? undefined : this.now() / 1000);
    const declared = new Set(instances.map(({ service }) => service));
    for (const service of this.notFound.keys()) if (!declared.has(service)) this.notFound.delete(service);
  }

  failed(reason: string, isRefused: boolean): void {
    if (this.isReachable || this.trouble !== reason) this.log(`consul does not answer: ${reason}`);
    this.isReachable = false;
    this.trouble = reason;
    this.isRefused = isRefused;
  }

  /** Notes whether what is known has grown too old: asked every second. */
  look(): void {
    const isBlind = this.now() - this.asOf > BLIND_AFTER_MS;
    if (isBlind === this.isBlind) return;
    try {
      this.write(isBlind ? "blind-from" : "blind-to");
      this.isBlind = isBlind;
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * What is wrong with the monitor, in one line; undefined where nothing is. That Consul is away is told by whatever looks at
   * Consul: a monitor that has seen it before is not ill for it.
   */
  get fault(): string | undefined {
    if (this.unwritten !== undefined) return `the history cannot be written: ${this.unwritten}`;
    if (this.isRefused || this.view === undefined) return `consul: ${this.trouble}`;
    return undefined;
  }

  /** Why nothing new is known, in one line; undefined where it is. */
  get blindness(): string | undefined {
    if (!this.isBlind) return undefined;
    return this.isReachable ? "blind: consul has no leader" : `blind: ${this.trouble}`;
  }

  /** What there is to tell of services and of Consul. */
  known(): Omit<Known, "outside" | "node" | "services" | "residentBytes" | "alertingHeard"> {
    const { isReachable, isBlind, view, baseline, changes, notFound, lastContact, catalogChanged, history } = this;
    const dataAgeSeconds = Math.max(0, this.now() - this.asOf) / 1000;
    const common = { isReachable, view, baseline, changes, notFound, dataAgeSeconds, lastContactSeconds: lastContact };
    return { ...common, isBlind: isBlind || view === undefined, catalogChanged, lastSeq: history.lastSeq };
  }

  /** Writes down what is known, for the next run. */
  save(): void {
    if (this.savedSeq === this.history.lastSeq) return;
    try {
      writeBaseline(this.folder, this.baseline, this.history.lastSeq);
      this.savedAt = this.now();
      this.savedSeq = this.history.lastSeq;
    } catch (error) {
      this.fail(error);
    }
  }

  private write(event: OwnEvent["event"]): void {
    this.history.append([{ time: new Date(this.now()).toISOString(), event }], this.now());
    this.log(event);
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.unwritten !== reason) this.log(`the history cannot be written: ${reason}`);
    this.unwritten = reason;
  }
}
