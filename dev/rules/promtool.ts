import { CommandFailed, run } from "../../lib/process.js";
import { interruption, isInterrupted } from "../../ops/cli/interrupt.js";

/** What promtool said of a file of tests. */
export interface Verdict {
  readonly file: string;
  readonly passed: boolean;
}

/** A start of promtool takes longer than most tests: it is given so many files at once. */
const FILES_AT_ONCE = 20;

/** Runs files of tests, on two processors. @returns what became of each, in their order */
export async function testRules(promtool: string, files: readonly string[]): Promise<readonly Verdict[]> {
  const batches: (readonly string[])[] = [];
  for (let begin = 0; begin < files.length; begin += FILES_AT_ONCE)
    batches.push(files.slice(begin, begin + FILES_AT_ONCE));
  const verdicts: Verdict[][] = [];
  const worker = async () => {
    for (let next = batches.shift(); next !== undefined; next = batches.shift())
      verdicts.push(await testBatch(promtool, next));
  };
  await Promise.all([worker(), worker()]);
  const byFile = new Map(verdicts.flat().map((verdict) => [verdict.file, verdict]));
  return files.map((file) => byFile.get(file) ?? { file, passed: false });
}

async function testBatch(promtool: string, files: readonly string[]): Promise<Verdict[]> {
  const said = await run(promtool, ["test", "rules", ...files], { signal: interruption }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      if (!(error instanceof CommandFailed) || error.reason !== "exit" || isInterrupted()) throw error;
      return error.stdout;
    },
  );
  return said
    .split("Processing test file: ")
    .slice(1)
    .map((text) => ({ file: text.slice(0, text.indexOf("\n")), passed: /^ {2}SUCCESS$/m.test(text) }));
}
