import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import Table from "cli-table3";
import { freePlace, freshClone, settingsFor } from "../dev/fresh-clone.js";
import { createDiscovery } from "../discovery/src/create-discovery.js";
import type { Discovery } from "../discovery/src/discovery.js";
import { NoHealthyInstances } from "../discovery/src/errors.js";
import { STRATEGIES, type StrategyName } from "../discovery/src/strategy-by-name.js";
import { readCatalog } from "../lib/catalog/read-catalog.js";
import { run } from "../lib/process.js";
import { readSettings } from "../lib/settings.js";
import { interruption, isInterrupted } from "../ops/cli/interrupt.js";
import { report } from "../ops/cli/progress.js";
import { UsageError } from "../ops/cli/usage-error.js";
import { setUp } from "../ops/platform/tools.js";
import { Faults } from "./soak-faults.js";
import { BOUND_MS, MOST_BLIND_MS, Truth } from "./soak-truth.js";

const USERS = 100;
const SAMPLE_MS = 30_000;
/** Of the median of the first quarter of the samples; a leak of any sort goes beyond it in half an hour. */
const MOST_GROWTH = 1.25;

/**
 * `npm run soak [-- MINUTES]`: 30 minutes of random faults on a platform of its own, while 100 users pick through the
 * discovery client as fast as an application does. Exit code 1 for a wrong pick, a failed one, or a leak.
 */
export async function soak(minutes: string): Promise<number> {
  if (!/^\d+$/.test(minutes) || Number(minutes) < 2)
    throw new UsageError(`${JSON.stringify(minutes)} is no number of minutes`, "It takes 2 or more.");
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  await setUp(settings, catalog);
  const place = await freePlace();
  const clone = await freshClone(join(import.meta.dirname, ".."));
  const verb = (...args: readonly string[]) =>
    run(process.execPath, ["ops/run.mjs", ...args], { cwd: clone, env: { ...process.env, ...settingsFor(place) } });
  const folder = mkdtempSync(join(tmpdir(), "rollcall-soak-"));
  const address = `http://127.0.0.1:${place.httpPort}`;
  try {
    report("bringing a platform up");
    await verb("up");
    const discovery = createDiscovery({
      env: {},
      host: "127.0.0.1",
      port: place.httpPort,
      region: "none",
      snapshot: join(folder, "snapshot.json"),
    });
    const truth = new Truth(address, catalog);
    const faults = new Faults(place.prefix, [...new Set(catalog.services.map((service) => service.address))]);
    const users = new Users(discovery, truth, [...new Set(catalog.services.map(({ name }) => name))]);
    const samples = await sampled(Number(minutes) * 60_000);
    await users.stop();
    truth.stop();
    await faults.stop();
    await discovery.close();
    return printSummary(Number(minutes), users, truth, faults, samples);
  } finally {
    await verb("down", "--yes").catch(() => {});
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(clone, ".."), { recursive: true, force: true });
  }
}

/** Callers that pick, each a few times a second, whatever happens. */
class Users {
  picks = 0;
  /** Picks that were right not to be made: every instance is critical. */
  none = 0;
  readonly wrong = new Map<string, number>();
  private isOver = false;
  private readonly ended: Promise<unknown>;

  constructor(
    private readonly discovery: Discovery,
    private readonly truth: Truth,
    private readonly services: readonly string[],
  ) {
    this.ended = Promise.all(Array.from({ length: USERS }, () => this.run()));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.ended;
  }

  private async run(): Promise<void> {
    const strategies = Object.keys(STRATEGIES).filter((name): name is StrategyName => name in STRATEGIES);
    while (!this.isOver) {
      const service = this.services[Math.floor(Math.random() * this.services.length)] ?? "";
      const strategy = strategies[Math.floor(Math.random() * strategies.length)] ?? "p2c";
      const wrong = await this.pick(service, strategy);
      if (wrong !== undefined) this.note(wrong);
      await sleep(50 + Math.random() * 100);
    }
  }

  /** Tells the first of a kind at once, so that it stands beside the fault that caused it. */
  private note(wrong: string): void {
    const count = this.wrong.get(wrong) ?? 0;
    if (count === 0) report(`a wrong pick: ${wrong}`);
    this.wrong.set(wrong, count + 1);
  }

  /** @returns what was wrong with it */
  private async pick(service: string, strategy: StrategyName): Promise<string | undefined> {
    this.picks++;
    try {
      const lease = await this.discovery.acquire(service, { strategy, key: String(this.picks % 1000) });
      lease.release({ ok: true, latencyMs: 1 + Math.random() * 10 });
      return await this.truth.wrong(service, lease.instance);
    } catch (error) {
      if (!(error instanceof NoHealthyInstances)) return String(error);
      this.none++;
      return await this.truth.wrongToFail(service);
    }
  }
}

interface Sample {
  readonly heap: number;
  readonly handles: number;
}

/** Heap after a collection and open handles of this process, twice a minute. */
async function sampled(forMs: number): Promise<readonly Sample[]> {
  setFlagsFromString("--expose_gc");
  const collect: unknown = runInNewContext("gc");
  const samples: Sample[] = [];
  for (const until = Date.now() + forMs; Date.now() < until && !isInterrupted(); ) {
    await sleep(Math.min(SAMPLE_MS, until - Date.now()), undefined, { signal: interruption }).catch(() => {});
    if (typeof collect === "function") collect();
    samples.push({ heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length });
  }
  return samples;
}

function printSummary(minutes: number, users: Users, truth: Truth, faults: Faults, samples: readonly Sample[]): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const growth = (field: keyof Sample) => {
    const values = samples.map((sample) => sample[field]);
    return [median(values.slice(0, quarter)), median(values.slice(-quarter))] as const;
  };
  const [heapBefore, heapAfter] = growth("heap");
  const [handlesBefore, handlesAfter] = growth("handles");
  const isFlat = heapAfter <= heapBefore * MOST_GROWTH && handlesAfter <= handlesBefore * MOST_GROWTH;
  const table = new Table({ head: ["", "measured", "aim"], style: { head: [], border: [] } });
  table.push(
    ["minutes", String(minutes), ""],
    ["faults", String([...faults.done.values()].reduce((sum, count) => sum + count, 0)), ""],
    ["picks", String(users.picks), ""],
    ["of these, no instance healthy", String(users.none), ""],
    ["wrong or failed picks", String([...users.wrong.values()].reduce((sum, count) => sum + count, 0)), "0"],
    [
      "longest time that a pick was behind Consul",
      `${(truth.behindMs / 1000).toFixed(1)} s`,
      `at most ${BOUND_MS / 1000} s`,
    ],
    [
      "longest time that Consul showed nothing",
      `${(truth.blindMs / 1000).toFixed(1)} s`,
      `at most ${MOST_BLIND_MS / 1000} s`,
    ],
    ["heap, first and last quarter", `${mib(heapBefore)} and ${mib(heapAfter)}`, `at most ${MOST_GROWTH} times`],
    ["handles, first and last quarter", `${handlesBefore} and ${handlesAfter}`, `at most ${MOST_GROWTH} times`],
  );
  console.log(table.toString());
  for (const [fault, count] of faults.done) console.log(`${count} × ${fault}`);
  for (const [what, count] of users.wrong) console.log(`${count} × ${what}`);
  return users.wrong.size === 0 && isFlat && truth.blindMs <= MOST_BLIND_MS ? 0 : 1;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
