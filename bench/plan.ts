import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { freePlace, settingsFor } from "../dev/fresh-clone.js";
import { readCatalog } from "../lib/catalog/read-catalog.js";
import { readSettings } from "../lib/settings.js";
import { setUp } from "../ops/platform/tools.js";
import { SIZES, writeCatalog } from "./scale.js";
import { exportsOf, timed } from "./timed.js";

const ROOT = join(import.meta.dirname, "..");

/**
 * `npm run bench -- plan`: Terraform's plan of the stack `registry`, and the whole `npx rollcall diff`, on a platform that
 * runs with 40, 400 and 4,000 services which nothing checks. The peer is `cdktf diff registry` in the same run.
 */
export async function plan(): Promise<string> {
  const settings = readSettings();
  await setUp(settings, readCatalog(settings.catalogFolder));
  const folder = mkdtempSync(join(tmpdir(), "rollcall-plan-"));
  const catalog = join(folder, "catalog");
  const outdir = join(folder, "out");
  const env = {
    ...process.env,
    ...settingsFor(await freePlace()),
    ROLLCALL_STATE: join(folder, "state"),
    CDKTF_OUTDIR: outdir,
    ROLLCALL_CATALOG: catalog,
    ROLLCALL_SERVERS: "1",
    ROLLCALL_WORKLOADS: "off",
  };
  const verb = (...args: readonly string[]) => timed([process.execPath, "ops/run.mjs", ...args], ROOT, env);
  const table = new Table({
    head: ["what", "aim at 4,000", ...SIZES.map(String)],
    style: { head: [], border: [] },
  });
  const rows: Record<string, string[]> = { up: [], "plan of registry": [], diff: [], "cdktf diff registry": [] };
  try {
    mkdirSync(catalog);
    for (const size of SIZES) {
      writeCatalog(catalog, size, 8000, { kind: "none", reason: "nothing runs here" });
      rows.up?.push(`${(await verb("up")).toFixed(1)} s`);
      const peer = { ...env, ...(await exportsOf(ROOT, env)) };
      const terraform = ["terraform", `-chdir=${join(outdir, "stacks", "registry")}`, "plan", "-input=false"];
      rows["plan of registry"]?.push(`${(await timed(terraform, ROOT, peer)).toFixed(1)} s`);
      rows.diff?.push(`${(await verb("diff")).toFixed(1)} s`);
      const cdktf = ["npx", "cdktf", "diff", "registry", "--skip-provider-lock"];
      rows["cdktf diff registry"]?.push(`${(await timed(cdktf, ROOT, peer)).toFixed(1)} s`);
    }
  } finally {
    await verb("down", "--yes").catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [what, seconds] of Object.entries(rows))
    table.push([what, what === "plan of registry" ? "10 s" : "", ...seconds]);
  return table.toString();
}
