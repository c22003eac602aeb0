import { join } from "node:path";
import { run } from "../lib/process.js";
import { requireTool } from "./require-tool.js";
import { type Count, close, jestStep, toolStep } from "./test/steps.js";
import { ruleSteps } from "./test-rules.js";

const GO_MODULES = [
  "provision/terraform-provider-consul",
  "bench/go-kit",
  "__tests__/e2e/support/load-client",
] as const;

/** `npm run check`: types, Biome, shellcheck, go vet, the rules of alerts, unit and synth tests. Needs no Docker. */
export async function check(): Promise<number> {
  return close(await checkSteps());
}

/** The steps of `check`, for `npm test` to run as well. */
export async function checkSteps(): Promise<readonly Count[]> {
  await requireTool("shellcheck", "shellcheck");
  // What the images have for a shell; unit tests run our scripts with it.
  await requireTool("busybox", "busybox-static");
  const scripts = (await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.sh", ".ci/run"]))
    .stdout;
  return [
    await toolStep("types (tsc)", "npx", ["tsc"]),
    await toolStep("format and lint (Biome)", "npx", ["biome", "ci"]),
    await toolStep("what nobody uses (knip)", "npx", ["knip", "--no-progress"]),
    await toolStep("shellcheck", "shellcheck", scripts.split("\n").filter(Boolean)),
    ...(await inTurn(GO_MODULES, (module) =>
      toolStep(`go vet ${module}`, "go", ["vet", "./..."], join(process.cwd(), module)),
    )),
    ...(await ruleSteps()),
    await unitStep(),
  ];
}

/** Unit and synth tests. */
export function unitStep(): Promise<Count> {
  return jestStep("unit and synth", "jest.config.js");
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
