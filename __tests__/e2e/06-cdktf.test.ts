/**
 * @needs platform
 * @areas main.ts cdktf.json stacks lib/backend ops/verbs/env.ts ops/verbs/synth.ts
 * @seconds 160
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { containers, differing } from "./support/clone.js";
import { Printed, STACKS, sums } from "./support/plain-cdktf.js";
import { platform, rollcall } from "./support/platform.js";

const printed = new Printed();

beforeAll(() => printed.noteSecrets());

// What was written under another umask goes: others look at the modes of what the verbs write.
afterAll(async () => {
  rmSync(join(platform().folder, "cdktf.out"), { recursive: true });
  // Full, so that every stack's folder is initialized again: others run plain Terraform there.
  expect(await rollcall("up", ["--full"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Nothing changed"),
  });
});

describe("the CDK for Terraform itself, after npx rollcall up", () => {
  test("synth writes every stack", async () => {
    const text = await printed.cdktf("synth", "rm -rf cdktf.out; umask 022;");
    for (const stack of STACKS) expect(text).toMatch(new RegExp(`\\b${stack}\\b`));
  });

  test("diff of one stack finds no change", async () => {
    const text = await printed.cdktf("diff registry", "umask 022;");
    expect(text).toContain("No changes. Your infrastructure matches the configuration.");
  });

  test("deploy of all stacks changes nothing", async () => {
    const before = await containers();
    const text = await printed.cdktf("deploy '*' --auto-approve");
    expect(differing(before, await containers())).toEqual([]);
    expect(sums(text)).toEqual(["Apply complete! Resources: 0 added, 0 changed, 0 destroyed."]);
  });

  test("others can read nothing of what it leaves, the plan of a diff included, whatever the umask", () => {
    const { folder } = platform();
    expect(existsSync(join(folder, "cdktf.out", "stacks", "registry", "plan"))).toBe(true);
    for (const each of ["cdktf.out", "state"])
      expect((statSync(join(folder, each)).mode & 0o777).toString(8)).toBe("700");
  });

  test("no secret was printed, by no plan or deploy", () => {
    // Four tokens, eight private keys, four random values in two forms.
    printed.expectNoSecret(20);
  });
});
