import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planOne } from "../../../../ops/report/diff/plan-platform.js";
import { Terraform } from "../../../../ops/terraform/terraform.js";

const home = mkdtempSync(join(tmpdir(), "rollcall-plan-"));
afterAll(() => rmSync(home, { recursive: true }));

const resource = { addr: "docker_volume.data", resource_type: "docker_volume" };
const replace = { type: "planned_change", change: { resource, action: "replace" } };
const outputs = (...actions: readonly string[]) => ({
  type: "outputs",
  outputs: Object.fromEntries(actions.map((action, n) => [`o${n}`, { sensitive: false, action }])),
});
const prevented = { type: "diagnostic", diagnostic: { severity: "error", summary: "Instance cannot be destroyed" } };

/** The plan of a stack of which Terraform says this. */
function planned(...events: readonly unknown[]) {
  const folder = join(home, "stack");
  mkdirSync(join(folder, ".terraform"), { recursive: true });
  const named = { docker_volume: { data: { name: "consul-server-1-data" } } };
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ resource: named }));
  writeFileSync(join(home, "said"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  writeFileSync(join(home, "terraform"), `#!/bin/sh\ncat ${join(home, "said")}\n`, { mode: 0o755 });
  const stack = {
    name: "server-1",
    folder,
    dependencies: [],
    names: { container: [], network: [], volume: [] },
    places: [],
  };
  return planOne(new Terraform(join(home, "terraform"), { PATH: process.env.PATH }), stack, true);
}

test("a stack is still where neither a resource nor an output changes", async () => {
  expect((await planned(outputs("noop", "noop"))).isUnchanged).toBe(true);
  expect((await planned()).isUnchanged).toBe(true);
});

test("a stack that would give other outputs is not still, and neither is one with a change", async () => {
  expect(await planned(outputs("noop", "update"))).toMatchObject({ isUnchanged: false, changes: [] });
  expect((await planned(replace, outputs("noop"))).isUnchanged).toBe(false);
});

test("what Terraform would do to a protected volume is known, though it may not", async () => {
  expect(await planned(replace, prevented)).toMatchObject({
    isUnchanged: false,
    plan: { state: "unknown", note: "Instance cannot be destroyed" },
    changes: [{ name: "consul-server-1-data", action: "replace" }],
  });
});

test("a stack that was never written, as in a fresh clone, is no defect: doctor goes on with what it can look at", async () => {
  const reading = new Terraform("terraform", process.env).state(join(home, "never", "registry"));
  await expect(reading).rejects.toMatchObject({
    name: "UserError",
    message: expect.stringContaining("The stacks were never written here"),
    remedy: "`npx rollcall synth` writes them.",
  });
});
