import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Table from "cli-table3";
import { STRATEGIES, type StrategyName } from "../discovery/src/strategy-by-name.js";
import { run } from "../lib/process.js";
import { benchPeers } from "./discovery-peers.js";
import { type Scenario, simulate } from "./discovery-simulation.js";

/** Without colours, which the table would print into a pipe as well. */
const PLAIN = { head: [], border: [] };
const COUNTS = [3, 40, 1000] as const;
/** Nanoseconds for a pick among 40, on one core. */
const AIMS: Readonly<Record<string, number>> = { "round-robin": 50, p2c: 150 };
const OTHERS_AIM = 1000;
const TSX = pathToFileURL(join(import.meta.dirname, "..", "ops", "tsx.mjs")).href;
const SCRIPT = join(import.meta.dirname, "discovery-pick.ts");

/** What is measured. */
export type DiscoveryMode = "both" | "picks" | "peers";

/**
 * `npm run bench:discovery`: what a pick costs with each strategy and what becomes of the calls, which needs no Consul;
 * then the client beside its peers, against a real agent. `-- picks` and `-- peers` measure one of the two.
 */
export async function benchDiscovery(mode: DiscoveryMode): Promise<number> {
  if (mode !== "peers") {
    console.log(await benchPicks());
    console.log(simulations());
  }
  if (mode !== "picks") console.log(await benchPeers());
  return 0;
}

/** What a pick costs with each strategy, and a lease with the default one. */
async function benchPicks(): Promise<string> {
  const table = new Table({
    head: ["", ...COUNTS.map((count) => `${count} instances`), "bytes at 40", "aim at 40"],
    style: PLAIN,
  });
  const rows = [...Object.keys(STRATEGIES).map((name) => [name, "pick"] as const), ["p2c", "lease"] as const];
  for (const [name, mode] of rows) {
    const cells: string[] = [];
    let bytes = 0;
    for (const count of COUNTS) {
      const measured = await measure(name, count, mode);
      cells.push(`${measured.ns.toFixed(0)} ns`);
      if (count === 40) bytes = measured.bytes;
    }
    const aim = mode === "pick" ? `${AIMS[name] ?? OTHERS_AIM} ns, 0 bytes` : "";
    table.push([mode === "pick" ? name : `${name}, acquire and release`, ...cells, bytes.toFixed(1), aim]);
  }
  return table.toString();
}

const ALIKE: Scenario = { instances: 40, meanMs: () => 10, utilization: 0.7 };
const ONE_SLOW: Scenario = { ...ALIKE, meanMs: (number) => (number === 0 ? 100 : 10) };

/** What becomes of the calls: 200,000 of one process, at 70 % of what all 40 instances can do. */
function simulations(): string {
  const parts = ["max/mean", "p50", "p99"];
  const head = ["", ...parts.map((part) => `alike: ${part}`), ...parts.map((part) => `one ten times slower: ${part}`)];
  const table = new Table({ head, style: PLAIN });
  for (const name of Object.keys(STRATEGIES).filter(isName)) {
    const cells = [ALIKE, ONE_SLOW].flatMap((scenario) => {
      const { maxToMean, p50, p99 } = simulate(name, scenario);
      return [maxToMean.toFixed(2), `${p50.toFixed(0)} ms`, `${p99.toFixed(0)} ms`];
    });
    table.push([name, ...cells]);
  }
  return table.toString();
}

function isName(name: string): name is StrategyName {
  return name in STRATEGIES;
}

async function measure(name: string, count: number, mode: string): Promise<{ ns: number; bytes: number }> {
  const flags = ["--expose-gc", "--max-semi-space-size=128", "--import", TSX];
  const { stdout } = await run(process.execPath, [...flags, SCRIPT, name, `${count}`, mode]);
  return JSON.parse(stdout);
}
