import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "../lib/catalog/read-catalog.js";
import { testFiles } from "../lib/monitoring/cases/all.js";
import { renderRecordTests } from "../lib/monitoring/cases/render-tests.js";
import { renderRules } from "../lib/monitoring/render-rules.js";
import { ruleFiles } from "../lib/monitoring/rules.js";
import { RUNBOOKS } from "../lib/monitoring/runbooks.js";
import { CommandFailed, run } from "../lib/process.js";
import { readSettings } from "../lib/settings.js";
import { report } from "../ops/cli/progress.js";
import { Cache } from "../provision/cache.js";
import { providePromtool } from "../provision/promtool.js";
import { APPLICATION_CASES, APPLICATION_RULES } from "./rules/applications.js";
import { EXCUSED } from "./rules/excused.js";
import { type Mutant, mutantsOf } from "./rules/mutants.js";
import { testRules } from "./rules/promtool.js";
import { type Recording, recordings, renderRecordingTests } from "./rules/recorded.js";
import { SUBJECT } from "./rules/subject.js";
import { type Count, toolStep } from "./test/steps.js";

/** What promtool says of the rules and of their cases. */
export function ruleSteps(): Promise<readonly Count[]> {
  return withPromtool(async (promtool, folder) => {
    writeRecordedRules(folder);
    const [rules, tests] = [writeRules(folder), writeTests(folder)];
    return [
      await toolStep("rules (promtool check)", promtool, ["check", "rules", "--lint=all", "--lint-fatal", ...rules]),
      await toolStep("cases of the rules (promtool test)", promtool, ["test", "rules", ...tests]),
    ];
  });
}

/** What promtool says of a recording of this project's catalog; "" where the rules say what it expects. */
export function testRecording(recording: Recording): Promise<string> {
  return withPromtool(async (promtool, folder) => {
    writeRecordedRules(folder);
    const file = written(folder, "tests/recording.test.yml", renderRecordingTests([recording], "../recorded"));
    const ended = await run(promtool, ["test", "rules", file]).catch((error: unknown) => {
      if (error instanceof CommandFailed && error.reason === "exit") return error;
      throw error;
    });
    return ended instanceof CommandFailed ? ended.text : "";
  });
}

/**
 * Whether the cases notice when anything in a rule is wrong.
 * @param names the rules, @default all
 */
export function ruleMutantSteps(names: readonly string[] = []): Promise<readonly Count[]> {
  const isMeant = (id: string) => names.length === 0 || names.some((name) => id.startsWith(`${name}: `));
  return withPromtool(async (promtool, folder) => [await mutantStep(promtool, folder, isMeant)]);
}

async function withPromtool<T>(work: (promtool: string, folder: string) => Promise<T>): Promise<T> {
  const cache = new Cache(readSettings().cacheFolder);
  const promtool = await providePromtool({ cache, env: process.env, report, run });
  const folder = mkdtempSync(join(tmpdir(), "rollcall-rules-"));
  try {
    return await work(promtool, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FACTS = { servers: 3, hostLimits: { cpu: 0.9, memory: 0.9, disk: 0.9 } } as const;

/** The rules of the platform that was recorded: no backup is scheduled there. */
function writeRecordedRules(folder: string): void {
  const { services } = readCatalog(readSettings().catalogFolder);
  for (const file of ruleFiles(services, FACTS))
    written(folder, `recorded/${file.name}`, renderRules(file, { runbooks: RUNBOOKS }));
}

/** The rules of this project's catalog. */
function writeRules(folder: string): readonly string[] {
  const { services } = readCatalog(readSettings().catalogFolder);
  const files = ruleFiles(services, { ...FACTS, backupEverySeconds: 86_400 }).filter(
    ({ name }) => name !== APPLICATION_RULES.name,
  );
  return [...files, APPLICATION_RULES].map((file) =>
    written(folder, `rules/${file.name}`, renderRules(file, { runbooks: RUNBOOKS })),
  );
}

function writeTests(folder: string): readonly string[] {
  const { name, groups } = APPLICATION_RULES;
  const tested = { files: [`../rules/${name}`], groups: groups.map((group) => group.name), runbooks: RUNBOOKS };
  const all = {
    ...testFiles("../rules", RUNBOOKS),
    "applications.test.yml": renderRecordTests(APPLICATION_CASES, tested),
    "recorded.test.yml": renderRecordingTests(recordings(), "../recorded"),
  };
  return Object.entries(all).map(([file, text]) => written(folder, `tests/${file}`, text));
}

/** Every mutant must be noticed by a case, or be excused; and an excuse that is not needed is a mistake. */
async function mutantStep(promtool: string, folder: string, isMeant: (id: string) => boolean): Promise<Count> {
  const begun = Date.now();
  const mutants = mutantsOf(SUBJECT).filter(({ id }) => isMeant(id));
  const excused = Object.keys(EXCUSED).filter(isMeant);
  report(`mutants of the rules: ${mutants.length}`);
  const survived = new Set((await survivors(promtool, folder, mutants)).map(({ id }) => id));
  const wrong = [
    ...[...survived].filter((id) => EXCUSED[id] === undefined).map((id) => `no case notices ${id}`),
    ...excused.filter((id) => !survived.has(id)).map((id) => `this excuse is not needed: ${id}`),
  ];
  for (const line of wrong) console.error(line);
  const seconds = (Date.now() - begun) / 1000;
  report(
    `mutants of the rules: ${mutants.length - survived.size} of ${mutants.length} noticed, ${survived.size} survived, ` +
      `${excused.length} excused, in ${Math.round(seconds)} s`,
  );
  return { passed: mutants.length - wrong.length, failed: wrong.length, files: [{ name: "mutants", seconds }] };
}

/** The mutants whose tests all pass. Those that the first tests notice are not given the others. */
async function survivors(promtool: string, folder: string, mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
  let left = mutants.map((mutant, index) => ({ mutant, folder: join(folder, String(index)) }));
  const most = Math.max(...mutants.map(({ tests }) => tests.length));
  for (let round = 0; round < most; round++) {
    const due = left.filter(({ mutant }) => mutant.tests[round] !== undefined);
    const files = due.map(({ mutant: { rules, tests }, folder: own }) => {
      written(own, "rules.yml", renderRules(rules, { runbooks: RUNBOOKS }));
      return written(own, `${round}.test.yml`, tests[round]?.() ?? "");
    });
    const verdicts = await testRules(promtool, files);
    const noticed = new Set(due.filter((_, index) => verdicts[index]?.passed !== true));
    left = left.filter((each) => !noticed.has(each));
  }
  return left.map(({ mutant }) => mutant);
}

function written(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}
