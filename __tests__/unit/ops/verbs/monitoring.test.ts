import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportMonitoring } from "../../../../ops/verbs/monitoring.js";
import { inFolder, team } from "../../../support/catalog-helpers.js";

const before = { ...process.env };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-export-"));
  jest.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

/** The values of the constants with which the host is compared, as the export writes them. */
async function hostLimits(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await inFolder({ "a.yaml": team("team-a", ["x: { port: 1 }"]) }, async (catalog) => {
    process.env = { ...before, ROLLCALL_CONFIG: "none", ROLLCALL_CATALOG: catalog, ...env };
    await exportMonitoring(folder, { format: "prometheus" });
  });
  const rules = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yml"));
  const text = rules.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  return ["cpu", "memory", "disk"].map((what) => {
    const [, value = "none"] =
      new RegExp(`record: rollcall:host_${what}_limit:ratio\\n\\s+expr: "?(.+?)"?\\n`).exec(text) ?? [];
    return value;
  });
}

test("the alerts of the host fire above 90 percent, and above what the settings say", async () => {
  expect(await hostLimits({})).toEqual(["vector(0.9)", "vector(0.9)", "vector(0.9)"]);
  expect(await hostLimits({ ROLLCALL_ALERT_CPU: "95", ROLLCALL_ALERT_DISK: "7" })).toEqual([
    ...["vector(0.95)", "vector(0.9)", "vector(0.07)"],
  ]);
});

test("a limit that is no percentage is refused", async () => {
  await expect(hostLimits({ ROLLCALL_ALERT_MEMORY: "101" })).rejects.toThrow("ROLLCALL_ALERT_MEMORY");
});
