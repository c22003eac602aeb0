import { definitionOf } from "./files.js";
import { count, failed, forever, type Parts } from "./parts.js";
import { critical } from "./plan.js";

/** What changes together is read together. */
const GATHER_MS = 100;
/** How often it looks what the agent has lost: Consul drops what stays critical. */
const LOOK_MS = 30_000;
const LOOK_SOON_MS = 5000;
const FAILING = { thing: "checks", what: "checks: cannot be read" };

/**
 * From the agent to the files. Each check's last known status stands in its file, so that an agent that restarts neither
 * advertises what was down nor drops what was up; and what the agent has lost, it gets again.
 */
export class ChecksFollower {
  private index: string | undefined;
  private look: NodeJS.Timeout | undefined;
  private lookAt = 0;

  constructor(private readonly parts: Parts) {}

  /** Consul's catalog tells that something has changed; what, the agent itself says. */
  run(): Promise<void> {
    this.lookWithin(LOOK_SOON_MS);
    return forever(
      this.parts,
      FAILING,
      () => this.turn(),
      () => {
        this.index = undefined;
      },
    );
  }

  private async turn(): Promise<number> {
    this.index = await this.parts.agent.untilChecksChange(this.index);
    await this.observe();
    this.parts.report.well(FAILING.thing);
    return GATHER_MS;
  }

  private async observe(): Promise<void> {
    const { agent, files, placed, teller } = this.parts;
    const since = performance.now();
    const seen = new Map<string, Map<string, string>>();
    for (const { service, id, status } of await agent.checks())
      seen.set(service, (seen.get(service) ?? new Map()).set(id, status));
    for (const [id, there] of placed) {
      if (!teller.isSettled(id, since) || there.statuses.size === 0) continue;
      const now = seen.get(id);
      if (now === undefined) this.lookWithin(LOOK_SOON_MS);
      const statuses = new Map([...there.statuses].map(([check, status]) => [check, now?.get(check) ?? status]));
      if ([...statuses].every(([check, status]) => there.statuses.get(check) === status)) continue;
      const kept = { ...there, statuses };
      files.write(kept);
      placed.set(id, kept);
    }
    count(this.parts);
  }

  /** Registers again, as critical, what the agent has lost. */
  private async findLost(): Promise<void> {
    const { agent, files, placed, teller } = this.parts;
    const since = performance.now();
    const services = await agent.services();
    const lost = [...placed].filter(([id]) => !services.has(id) && teller.isSettled(id, since));
    for (const [id, there] of lost) {
      const kept = { ...there, statuses: critical(definitionOf(there.text)) };
      files.write(kept);
      placed.set(id, kept);
    }
    teller.order(new Map(lost.map(([id, { place }]) => [id, { what: "+", file: place.file, why: "again" }])));
    await this.observe();
  }

  private lookWithin(ms: number): void {
    const at = performance.now() + ms;
    if (this.parts.signal.aborted) return;
    if (this.look !== undefined && this.lookAt <= at) return;
    clearTimeout(this.look);
    this.lookAt = at;
    this.look = setTimeout(() => {
      this.look = undefined;
      this.findLost()
        .catch((error: unknown) => failed(this.parts, FAILING, error))
        .finally(() => this.lookWithin(LOOK_MS));
    }, ms).unref();
  }
}
