import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Table from "cli-table3";
import { consulProgram } from "../dev/consul-program.js";
import { freePlace, freshClone, settingsFor } from "../dev/fresh-clone.js";
import { readCatalog } from "../lib/catalog/read-catalog.js";
import type { ImageSource } from "../lib/docker/images.js";
import type { Env } from "../lib/process.js";
import { readSettings } from "../lib/settings.js";
import { docker } from "../ops/docker/docker-host.js";
import { setUp } from "../ops/platform/tools.js";
import { totalMemory } from "./memory.js";
import { monitor } from "./monitor.js";
import { plan } from "./plan.js";
import { registrar } from "./registrar.js";
import { scale } from "./scale.js";
import { exportsOf, timed } from "./timed.js";

/** One measurement: what was aimed at, what came out, and what a peer needed for the same in the same run. */
interface Row {
  readonly what: string;
  readonly aim: string;
  readonly measured: number;
  readonly unit: "s" | "MiB";
  /** Seconds of plain `cdktf` for the same stacks on the same machine; undefined where it has no counterpart. */
  readonly cdktf?: number;
}

/** What is measured. */
export type Mode = "warm" | "cold" | "scale" | "plan" | "registrar" | "monitor";

/**
 * `npm run bench`: brings a platform of its own up and down twice, once with the verbs and once with plain `cdktf`,
 * which is the named peer. `npm run bench -- cold` builds the provision cache anew first (about 20 minutes).
 * `npm run bench -- scale` measures the catalog's verbs at 40, 400 and 4,000 services, without Docker;
 * `npm run bench -- plan` the plan of the registry on a platform that has as many; `npm run bench -- registrar` the way
 * from KV to the agent; `npm run bench -- monitor` what `consul-monitor` takes.
 */
export async function bench(mode: Mode): Promise<number> {
  if (mode === "scale" || mode === "plan") {
    console.log(await (mode === "scale" ? scale() : plan()));
    return 0;
  }
  const asked = readSettings();
  const { settings } = await setUp(asked, readCatalog(asked.catalogFolder));
  if (mode === "registrar") return withConsul(settings.images ?? "official", registrar);
  if (mode === "monitor") return withConsul(settings.images ?? "official", monitor);
  const folder = await freshClone(join(import.meta.dirname, ".."));
  const env = { ...process.env, ...settingsFor(await freePlace()) };
  const rows: Row[] = [];
  const verb = (name: string, args: readonly string[] = [], more: Env = {}) =>
    timed(["npx", "--no", "rollcall", name, ...args], folder, { ...env, ...more });
  try {
    if (mode === "cold")
      rows.push({ what: "up, cold (nothing built)", aim: "1500", measured: await cold(verb, folder), unit: "s" });
    const packages = await verb("synth");
    const synth = await verb("synth");
    const up = await verb("up");
    const memory = await totalMemory(env.ROLLCALL_PREFIX ?? "");
    const again = await verb("up");
    const peerEnv = { ...env, ...(await exportsOf(folder, env)) };
    const cdktf = (...args: string[]) => timed(["npx", "cdktf", ...args], folder, peerEnv);
    const cdktfSynth = await cdktf("synth");
    const cdktfAgain = await cdktf("deploy", "*", "--auto-approve", "--skip-provider-lock");
    const down = await verb("down", ["--yes"]);
    const cdktfUp = await cdktf("deploy", "*", "--auto-approve", "--skip-provider-lock");
    const cdktfDown = await timed(["npx", "cdktf", "destroy", "*", "--auto-approve"], folder, {
      ...peerEnv,
      ROLLCALL_PROTECT: "off",
    });
    rows.push(
      { what: "npm packages and first synth", aim: "", measured: packages, unit: "s" },
      { what: "synth", aim: "", measured: synth, unit: "s", cdktf: cdktfSynth },
      { what: "up from nothing, warm cache, until 40 pass", aim: "120", measured: up, unit: "s", cdktf: cdktfUp },
      { what: "up without a change", aim: "40", measured: again, unit: "s", cdktf: cdktfAgain },
      { what: "down", aim: "40", measured: down, unit: "s", cdktf: cdktfDown },
      { what: "memory of all containers", aim: "1024", measured: memory, unit: "MiB" },
    );
  } finally {
    await verb("down", ["--yes"]).catch(() => {});
    rmSync(dirname(folder), { recursive: true, force: true });
  }
  console.log(tableOf(rows));
  return 0;
}

/** For what needs Consul's program alone. @param measure is given its path, and gives a table */
async function withConsul(source: ImageSource, measure: (consul: string) => Promise<string>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-consul-"));
  try {
    console.log(await measure(await consulProgram(folder, source)));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of an `up` that has to build everything: Go's caches and ours in a folder that did not exist. */
async function cold(
  verb: (name: string, args: readonly string[], env: Env) => Promise<number>,
  folder: string,
): Promise<number> {
  const caches = join(dirname(folder), "caches");
  const env = {
    XDG_CACHE_HOME: caches,
    GOCACHE: join(caches, "go-build"),
    GOMODCACHE: join(caches, "go-mod"),
    GOFLAGS: "-modcacherw",
  };
  const images = (await docker(["images", "--quiet", "--filter", "label=rollcall.image"])).split("\n").filter(Boolean);
  if (images.length > 0) await docker(["rmi", "--force", ...new Set(images)]);
  const seconds = await verb("up", [], env);
  await verb("down", ["--yes"], env);
  return seconds;
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ["what", "aim", "measured", "plain cdktf", "ratio"],
    style: { head: [], border: [] },
  });
  for (const { what, aim, measured, unit, cdktf } of rows)
    table.push([
      what,
      aim === "" ? "" : `${aim} ${unit}`,
      `${measured.toFixed(1)} ${unit}`,
      cdktf === undefined ? "" : `${cdktf.toFixed(1)} ${unit}`,
      cdktf === undefined ? "" : (measured / cdktf).toFixed(2),
    ]);
  return table.toString();
}
