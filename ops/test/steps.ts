import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CommandFailed, type Env, run } from "../../lib/process";
import { interruption, isInterrupted } from "../interrupt";
import { report } from "../progress";

/** What a step of `check` or `test` counted. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const ROOT = join(__dirname, "..", "..");
const jestSchema = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), success: z.boolean() });
const NO_RESULTS = { numPassedTests: 0, numFailedTests: 1, success: false } as const;

/** A tool that passes or fails as one, e.g. the type checker; its output is shown where it fails. */
export async function toolStep(name: string, program: string, args: readonly string[], cwd = ROOT): Promise<Count> {
  try {
    await run(program, args, { cwd, signal: interruption });
    report(`${name}: passed`);
    return { passed: 1, failed: 0 };
  } catch (error) {
    if (!(error instanceof CommandFailed) || isInterrupted()) throw error;
    report(`${name}: failed`);
    console.error(error.text || error.message);
    return { passed: 0, failed: 1 };
  }
}

/** Jest with one of our configurations; its output is shown as it comes. */
export async function jestStep(
  name: string,
  config: string,
  args: readonly string[] = [],
  env: Env = process.env,
): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-jest-"));
  const file = join(folder, "results.json");
  try {
    report(`${name} tests`);
    await run("npx", ["jest", "--config", config, "--json", "--outputFile", file, ...args], {
      cwd: ROOT,
      env,
      signal: interruption,
      onLine: (line) => {
        // With --json Jest prints the whole result as one line on standard output; the file has it already.
        if (!line.startsWith('{"numFailed')) console.error(line);
      },
    }).catch((error: unknown) => {
      // What could not be started has said nothing of why.
      if (!(error instanceof CommandFailed) || error.reason !== "exit" || isInterrupted()) throw error;
    });
    // Jest has said why there are none: what goes before all tests failed.
    const results = existsSync(file) ? jestSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : NO_RESULTS;
    // A file that could not even be loaded has no failed test, and must not pass.
    const failed = results.success ? results.numFailedTests : Math.max(1, results.numFailedTests);
    report(`${name} tests: ${results.numPassedTests} passed, ${failed} failed`);
    return { passed: results.numPassedTests, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const goEventSchema = z.object({ Action: z.string(), Test: z.string().optional(), Output: z.string().optional() });

/** `go test` in a module of ours; the output of what fails is shown. */
export async function goTestStep(name: string, folder: string, env: Env): Promise<Count> {
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
  return { passed, failed };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Prints the closing line that people and CI read, and gives the exit code. */
export function close(counts: readonly Count[]): number {
  const sum = (field: keyof Count) => counts.reduce((total, count) => total + count[field], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 ? 0 : 1;
}
