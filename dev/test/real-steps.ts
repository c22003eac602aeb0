import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Env } from "../../lib/process.js";
import { readSettings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { setUp } from "../../ops/platform/tools.js";
import { consulProgram } from "../consul-program.js";
import { requireTool } from "../require-tool.js";
import { type Count, jestStep } from "./steps.js";
import { asksFor, type RealTestFile } from "./test-files.js";

/**
 * Runs test files against a real Docker, Terraform and Consul, which are set up first as `up` does it.
 * @param before what runs before them, with the environment that real tests need
 * @param more variables for the files
 * @throws UserError where a file is among them that has to be asked for
 */
export async function realSteps(
  files: readonly RealTestFile[],
  before: (env: Env) => Promise<readonly Count[]> = async () => [],
  more: Env = {},
): Promise<readonly Count[]> {
  for (const file of files) {
    const variable = asksFor(file, { ...process.env, ...more });
    if (variable !== undefined)
      throw new UserError(
        `${file.folder}/${file.name} runs only where ${variable} is set`,
        "docs/reliability.md says why.",
      );
  }
  return withConsul(async (env) => {
    const others = await before(env);
    return [...others, ...(await inTurn(files, { ...env, ...more }))];
  });
}

/** A second platform's `up` takes about a minute of two cores: fewer seconds of tests are done sooner on one. */
const SECONDS_WORTH_A_PLATFORM = 200;

/** The quick files side by side, then, one at a time, the slow ones and the chaos files: a neighbour disturbs them. */
async function inTurn(files: readonly RealTestFile[], env: Env): Promise<readonly Count[]> {
  const endToEnd = files.filter(({ folder }) => folder === "e2e");
  const quick = endToEnd.filter(({ command }) => command === "test");
  const isShort = quick.reduce((sum, { seconds }) => sum + seconds, 0) < SECONDS_WORTH_A_PLATFORM;
  const counts: Count[] = [];
  for (const [name, config, some, isAlone] of [
    ["end-to-end", "jest.e2e.config.js", quick, quick.length === 1 || isShort],
    ["slow end-to-end", "jest.e2e.config.js", endToEnd.filter((file) => !quick.includes(file)), true],
    ["chaos", "jest.chaos.config.js", files.filter(({ folder }) => folder === "chaos"), true],
  ] as const) {
    const args = [...(isAlone ? ["--maxWorkers", "1"] : []), "--runTestsByPath", ...some.map(({ path }) => path)];
    if (some.length > 0) counts.push(await jestStep(name, config, { args, env }));
  }
  return counts;
}

/** @param work is given the environment that real tests need; their Consul is the one in the image */
async function withConsul<T>(work: (env: Env) => Promise<T>): Promise<T> {
  const asked = readSettings();
  const { settings, terraform } = await setUp(asked, readCatalog(asked.catalogFolder));
  await requireTool("curl", "curl");
  const folder = mkdtempSync(join(tmpdir(), "rollcall-consul-"));
  try {
    const consul = await consulProgram(folder, settings.images ?? "official");
    return await work({
      ...process.env,
      TF_ACC: "1",
      TF_ACC_TERRAFORM_PATH: await terraform.path(),
      ROLLCALL_TEST_CONSUL: consul,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
