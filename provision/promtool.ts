import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "./context.js";
import { requireSpace } from "./failures.js";
import { goBuild, moduleKey, requireGo } from "./go.js";
import { withLock } from "./lock.js";

/** Raised when other flags make another program of the same Prometheus. */
const REVISION = 1;

const MODULE = join(import.meta.dirname, "prometheus");

/** Of all ways in which Prometheus finds its targets only Consul's is one that a configuration of ours may name. */
export const PROMETHEUS_FLAGS = ["-trimpath", "-tags", "netgo,remove_all_sd,enable_consul_sd"] as const;

/**
 * Prometheus' own checker of rules, compiled from its Go module: about four minutes the first time, nothing after that.
 * @returns the path of the program
 */
export async function providePromtool(context: Context): Promise<string> {
  const name = `promtool-r${REVISION}-${moduleKey(MODULE)}`;
  const program = context.cache.path("programs", name);
  if (existsSync(program)) return program;
  return withLock(context.cache.folder, context.report, async () => {
    if (!existsSync(program)) await build(context, program);
    for (const other of readdirSync(context.cache.subfolder("programs"))) {
      if (other.startsWith("promtool-") && other !== name) rmSync(context.cache.path("programs", other));
    }
    return program;
  });
}

async function build(context: Context, program: string): Promise<void> {
  requireSpace(context, "building promtool");
  await requireGo(context);
  const into = context.cache.workFolder("promtool");
  await goBuild(context, {
    what: "promtool",
    aboutSeconds: 220,
    folder: MODULE,
    packages: ["github.com/prometheus/prometheus/cmd/promtool"],
    flags: PROMETHEUS_FLAGS,
    into,
    os: process.platform,
  });
  chmodSync(join(into, "promtool"), 0o755);
  renameSync(join(into, "promtool"), program);
  rmSync(into, { recursive: true, force: true });
}
