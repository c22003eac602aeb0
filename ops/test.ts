import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "../lib/catalog/read-catalog";
import { imageRef } from "../lib/docker/images";
import type { Env } from "../lib/process";
import { readSettings } from "../lib/settings";
import { checkSteps, unitStep } from "./check";
import type { Asked } from "./command-line.cjs";
import { docker } from "./docker-host";
import { requireTool } from "./require-tool";
import { type Count, close, goTestStep, jestStep } from "./test/steps";
import { setUp } from "./tools";

/**
 * `npm test`: `check`, the stand-in provider against a real Consul, and the end-to-end tests, which set up what they
 * need the way `up` does. `npm test -- unit` and `npm test -- e2e [FILES]` run a part; `npm test -- chaos [FILES]` runs
 * what takes too long for CI.
 */
export async function test({ action, words: files }: Asked): Promise<number> {
  switch (action) {
    case "unit":
      return close([await unitStep()]);
    case "e2e":
      return close(await realSteps(async (env) => [await endToEnd(env, files)]));
    case "chaos":
      return close(await realSteps(async (env) => [await chaos(env, files)]));
    default:
      return close([
        ...(await checkSteps()),
        ...(await realSteps(async (env) => [
          await goTestStep("stand-in provider", "offline/terraform-provider-consul", env),
          await endToEnd(env),
        ])),
      ]);
  }
}

function endToEnd(env: Env, files: readonly string[] = []): Promise<Count> {
  return jestStep("end-to-end", "jest.e2e.config.js", files.map(testFile), env);
}

function chaos(env: Env, files: readonly string[]): Promise<Count> {
  return jestStep("chaos", "jest.chaos.config.js", files.map(testFile), env);
}

/** Jest compares a pattern with the whole path: the folder of the checkout must not count. */
function testFile(name: string): string {
  return `/__tests__/.*${name}`;
}

/**
 * What needs a real Docker, Terraform and Consul; the Consul binary is the one in the image.
 * @param steps is given the environment that they need
 */
async function realSteps(steps: (env: Env) => Promise<readonly Count[]>): Promise<readonly Count[]> {
  const asked = readSettings();
  const { settings, terraform } = await setUp(asked, readCatalog(asked.catalogFolder));
  await requireTool("busybox", "busybox-static");
  const folder = mkdtempSync(join(tmpdir(), "rollcall-consul-"));
  try {
    const consul = join(folder, "consul");
    const container = (await docker(["create", imageRef("consul", settings.images ?? "official"), "true"])).trim();
    try {
      await docker(["cp", "--follow-link", `${container}:/bin/consul`, consul]);
    } finally {
      await docker(["rm", "--force", "--volumes", container]);
    }
    return await steps({
      ...process.env,
      TF_ACC: "1",
      TF_ACC_TERRAFORM_PATH: await terraform.path(),
      ROLLCALL_TEST_CONSUL: consul,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
