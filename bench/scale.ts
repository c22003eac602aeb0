import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { stringify } from "yaml";
import { report } from "../ops/cli/progress.js";
import { timed } from "./timed.js";

/** How many services a catalog has. */
export const SIZES = [40, 400, 4000] as const;
/** In seconds, a verb's own start in them. */
const AIMS = { lint: "1 s at 4,000", "diff --against": "1 s at 40", synth: "5 s at 4,000" } as const;
const CHECK = { kind: "http", path: "/health", interval: "10s", timeout: "5s" };

/**
 * `npm run bench -- scale`: the seconds of `lint`, `diff --against` and `synth` for catalogs of 40, 400 and 4,000
 * services. The peer is what no verb can be faster than: the start of the same program, which prints its verbs.
 */
export async function scale(): Promise<string> {
  const table = new Table({ head: ["what", "aim", ...SIZES.map(String)], style: { head: [], border: [] } });
  const start = await verb(["nothing"], {}, false);
  const columns = await SIZES.reduce<Promise<readonly Readonly<Record<string, number>>[]>>(
    async (earlier, size) => [...(await earlier), await measure(size)],
    Promise.resolve([]),
  );
  table.push(["a verb's start", "", ...SIZES.map(() => `${start.toFixed(2)} s`)]);
  for (const [what, aim] of Object.entries(AIMS))
    table.push([what, aim, ...columns.map((column) => `${column[what]?.toFixed(2)} s`)]);
  return table.toString();
}

async function measure(size: number): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-scale-"));
  const catalog = join(folder, "catalog");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args]);
  try {
    mkdirSync(catalog);
    writeCatalog(catalog, size, 8000, CHECK);
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--no-verify", "--message", "before");
    writeCatalog(catalog, size, 8001, CHECK);
    const env = {
      ROLLCALL_CATALOG: catalog,
      ROLLCALL_STATE: join(folder, "state"),
      CDKTF_OUTDIR: join(folder, "out"),
      // Nobody runs 4,000 stand-ins.
      ROLLCALL_WORKLOADS: "off",
    };
    report(`${size} services`);
    return {
      lint: await verb(["catalog", "lint"], env),
      "diff --against": await verb(["diff", "--against", "HEAD"], env, false),
      synth: await verb(["synth"], env),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ten teams, whose services have what those of the seed have. @param port of each team's first service */
export function writeCatalog(
  folder: string,
  size: number,
  port: number,
  check: Readonly<Record<string, string>>,
): void {
  for (let team = 0; team < 10; team++) {
    const names = Array.from({ length: size / 10 }, (_, n) => `team_${team}_number_${n}_service`);
    const text = stringify({
      team: `team-${team}`,
      defaults: {
        address: "isa-{name}",
        tags: ["v1", "fastapi", "staging"],
        meta: { version: "1.0.0", environment: "staging" },
        check,
      },
      services: Object.fromEntries(names.map((name, n) => [name, { port: port + n }])),
    });
    writeFileSync(join(folder, `team-${team}.yaml`), text);
  }
}

/** The seconds of a verb. @param mustPass whether any exit code but 0 is a mistake */
function verb(args: readonly string[], env: Record<string, string>, mustPass = true): Promise<number> {
  const root = join(import.meta.dirname, "..");
  return timed([process.execPath, "ops/run.mjs", ...args], root, { ...process.env, ...env }, mustPass);
}
