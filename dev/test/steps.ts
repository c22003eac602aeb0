import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CommandFailed, type Env, run } from "../../lib/process.js";
import { interruption, isInterrupted } from "../../ops/cli/interrupt.js";
import { report } from "../../ops/cli/progress.js";
import { nameOfTestFile } from "./test-files.js";
import { type Took, timesTable } from "./times.js";
import { readWaits, WAITS_VARIABLE, type Wait } from "./waits.js";

/** What a step of `check` or `test` counted, and how long its files took. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly files: readonly Took[];
  /** What its tests waited for. @default - nothing that they say */
  readonly waits?: readonly (Wait & { readonly times: number })[];
}

const ROOT = join(import.meta.dirname, "..", "..");
const jestSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({ name: z.string(), startTime: z.number(), endTime: z.number() })),
});
const NO_RESULTS = { numPassedTests: 0, numFailedTests: 1, success: false, testResults: [] } as const;

/** A tool that passes or fails as one, e.g. the type checker; its output is shown where it fails. */
export async function toolStep(name: string, program: string, args: readonly string[], cwd = ROOT): Promise<Count> {
  const begun = Date.now();
  const took = () => [{ name, seconds: (Date.now() - begun) / 1000 }];
  try {
    await run(program, args, { cwd, signal: interruption });
    report(`${name}: passed`);
    return { passed: 1, failed: 0, files: took() };
  } catch (error) {
    if (!(error instanceof CommandFailed) || isInterrupted()) throw error;
    report(`${name}: failed`);
    console.error(error.text || error.message);
    return { passed: 0, failed: 1, files: took() };
  }
}

/** How Jest is run. */
export interface JestOptions {
  /** Words for its command line. @default - none */
  readonly args?: readonly string[];
  /** @default this process's */
  readonly env?: Env;
}

/** Jest with one of our configurations; its output is shown as it comes. */
export async function jestStep(name: string, config: string, options: JestOptions = {}): Promise<Count> {
  const { args = [], env = process.env } = options;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-jest-"));
  const [file, waits] = [join(folder, "results.json"), join(folder, "waits")];
  try {
    report(`${name} tests`);
    let hasFailed = false;
    await run("npx", ["jest", "--config", config, "--json", "--outputFile", file, ...args], {
      cwd: ROOT,
      env: { ...env, [WAITS_VARIABLE]: waits },
      signal: interruption,
      onLine: (line) => {
        // With --json Jest prints the whole result as one line on standard output; the file has it already.
        if (!line.startsWith('{"numFailed')) console.error(line);
      },
    }).catch((error: unknown) => {
      // What could not be started has said nothing of why.
      if (!(error instanceof CommandFailed) || error.reason !== "exit" || isInterrupted()) throw error;
      hasFailed = true;
    });
    // Jest has said why there are none: what goes before all tests failed.
    const results = existsSync(file) ? jestSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : NO_RESULTS;
    // A file that could not be loaded has no failed test, nor has what a run leaves on the host; neither may pass.
    const failed = hasFailed ? Math.max(1, results.numFailedTests) : results.numFailedTests;
    report(`${name} tests: ${results.numPassedTests} passed, ${failed} failed`);
    const files = results.testResults.map(({ name: path, startTime, endTime }) => ({
      name: nameOfTestFile(path),
      seconds: (endTime - startTime) / 1000,
    }));
    return { passed: results.numPassedTests, failed, files, waits: readWaits(waits) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const goEventSchema = z.object({ Action: z.string(), Test: z.string().optional(), Output: z.string().optional() });

/** `go test` in a module of ours; the output of what fails is shown. */
export async function goTestStep(name: string, folder: string, env: Env): Promise<Count> {
  const begun = Date.now();
  let passed = 0;
  let failed = 0;
  const outputs = new Map<string, string>();
  report(`${name} tests`);
  try {
    await run("go", ["test", "-count=1", "-timeout=20m", "-json", "./..."], {
      cwd: join(ROOT, folder),
      env,
      signal: interruption,
      onLine: (line) => {
        const event = goEventSchema.safeParse(parse(line)).data;
        if (event === undefined) return;
        const test = event.Test ?? "the package";
        if (event.Action === "output") outputs.set(test, (outputs.get(test) ?? "") + (event.Output ?? ""));
        if (event.Action === "pass" && event.Test !== undefined) passed += 1;
        if (event.Action !== "fail") return;
        if (event.Test !== undefined) failed += 1;
        console.error(`${test} failed\n${outputs.get(test) ?? ""}`);
      },
    });
  } catch (error) {
    if (!(error instanceof CommandFailed) || isInterrupted()) throw error;
    if (passed + failed === 0) console.error(error.message);
    failed = Math.max(1, failed);
  }
  report(`${name} tests: ${passed} passed, ${failed} failed`);
  return { passed, failed, files: [{ name, seconds: (Date.now() - begun) / 1000 }] };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Prints how long everything took, then the closing line that people and CI read; gives the exit code. */
export function close(counts: readonly Count[]): number {
  const waits = counts.flatMap((count) => count.waits ?? []).sort((a, b) => b.seconds - a.seconds);
  const table = timesTable(
    counts.flatMap(({ files }) => files),
    waits,
  );
  for (const line of table) console.log(line);
  const sum = (field: "passed" | "failed") => counts.reduce((total, count) => total + count[field], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 ? 0 : 1;
}
