import { join } from "node:path";
import Table from "cli-table3";
import { STRATEGIES } from "../discovery/src/strategy-by-name.ts";
import { run } from "../lib/process";

const COUNTS = [3, 40, 1000] as const;
/** Nanoseconds for a pick among 40, on one core. */
const AIMS: Readonly<Record<string, number>> = { "round-robin": 50, p2c: 150 };
const OTHERS_AIM = 1000;
const SCRIPT = join(__dirname, "discovery-pick.ts");

/** `npm run bench:discovery`: what a pick costs with each strategy, and a lease with the default one. Needs no Consul. */
export async function benchDiscovery(): Promise<number> {
  const table = new Table({ head: ["", ...COUNTS.map((count) => `${count} instances`), "bytes at 40", "aim at 40"] });
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
  console.log(table.toString());
  return 0;
}

async function measure(name: string, count: number, mode: string): Promise<{ ns: number; bytes: number }> {
  const flags = ["--expose-gc", "--max-semi-space-size=128", "--import", "tsx"];
  const { stdout } = await run(process.execPath, [...flags, SCRIPT, name, `${count}`, mode]);
  return JSON.parse(stdout);
}
