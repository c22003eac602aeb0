import { join } from "node:path";
import { CommandFailed, run } from "../lib/process";
import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { Cache } from "../offline/cache";
import { aptInstall, readSystem } from "../offline/debian";
import { report } from "./progress";
import { type Count, close, jestStep, toolStep } from "./steps";

const GO_MODULES = ["offline/terraform-provider-consul"] as const;

/** `npm run check`: types, Biome, shellcheck, go vet, unit and synth tests. Needs no Docker. */
export async function check(): Promise<number> {
  return close(await checkSteps());
}

/** The steps of `check`, for `npm test` to go on from. */
export async function checkSteps(): Promise<readonly Count[]> {
  await requireShellcheck();
  const scripts = (await run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.sh", ".ci/run"]))
    .stdout;
  return [
    await toolStep("types (tsc)", "npx", ["tsc"]),
    await toolStep("format and lint (Biome)", "npx", ["biome", "ci"]),
    await toolStep("shellcheck", "shellcheck", scripts.split("\n").filter(Boolean)),
    ...(await inTurn(GO_MODULES, (module) =>
      toolStep(`go vet ${module}`, "go", ["vet", "./..."], join(process.cwd(), module)),
    )),
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

async function requireShellcheck(): Promise<void> {
  try {
    await run("shellcheck", ["--version"]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "missing") throw error;
    const system = readSystem();
    if (!system.debian || !system.root)
      throw new UserError(
        "shellcheck is not installed",
        "Install it (apt-get install shellcheck, brew install shellcheck).",
      );
    await aptInstall({ cache: new Cache(readSettings().cacheFolder), env: process.env, report, run }, "shellcheck");
  }
}
