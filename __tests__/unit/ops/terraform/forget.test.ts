import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terraform } from "../../../../ops/terraform/terraform.js";

const home = mkdtempSync(join(tmpdir(), "rollcall-forget-"));
afterAll(() => rmSync(home, { recursive: true }));

/** Has a Terraform forget something that leaves a copy of the state, as the real one does, and ends in this way. */
function forgotten(exitCode: number): Promise<void> {
  const [folder, program] = [join(home, "access"), join(home, "terraform")];
  mkdirSync(join(folder, ".terraform"), { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), "{}");
  writeFileSync(program, `#!/bin/sh\n: >terraform.tfstate.1796011536.backup\nexit ${exitCode}\n`, { mode: 0o755 });
  return new Terraform(program, { PATH: process.env.PATH }).forget(folder, ["consul_acl_token.old"]);
}

test("a copy of the state, with the secrets in it, does not stay beside what synth writes", async () => {
  await forgotten(0);
  expect(readdirSync(join(home, "access")).sort()).toEqual([".terraform", "cdk.tf.json"]);
});

test("nor does it where Terraform fails", async () => {
  await expect(forgotten(1)).rejects.toThrow();
  expect(readdirSync(join(home, "access")).sort()).toEqual([".terraform", "cdk.tf.json"]);
});
