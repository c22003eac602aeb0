import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/user-error.js";
import { report } from "../ops/cli/progress.js";
import { checkSteps, unitStep } from "./check.js";
import { sourceFiles } from "./fresh-clone.js";
import { affectedBy } from "./test/affected.js";
import { changedFiles, commitOf } from "./test/changed-files.js";
import { Imports } from "./test/imports.js";
import { realSteps } from "./test/real-steps.js";
import { type Count, close, goTestStep } from "./test/steps.js";
import { asksFor, filesNamed, type RealTestFile, realTestFiles } from "./test/test-files.js";
import { TEST_LIST, testList } from "./test/test-list.js";
import { ruleMutantSteps, ruleSteps } from "./test-rules.js";

const ROOT = join(import.meta.dirname, "..");
const STAND_IN = "provision/terraform-provider-consul";

/** Which tests. */
export type Kind = "quick" | "unit" | "rules" | "e2e" | "chaos" | "all" | "changed" | "list";

/** What `npm test` is asked for. */
export interface TestOptions {
  readonly kind: Kind;
  /** Names of files, such as `06-diff`. @default - all of that kind */
  readonly files?: readonly string[] | undefined;
  /** Of `changed`: the commit since which. @default - the last one */
  readonly since?: string | undefined;
}

/**
 * `npm test`: `check` and the end-to-end tests, which set up what they need the way `up` does. `test:all` runs what is slow
 * and rarely broken as well, the stand-in provider against a real Consul too; `test:changed` what a change can affect;
 * `unit`, `rules`, `e2e` and `chaos` a part. `list` writes docs/tests.md.
 */
export async function test({ kind, files: words = [], since }: TestOptions): Promise<number> {
  const [e2e, chaos] = [realTestFiles("e2e"), realTestFiles("chaos")];
  const quick = e2e.filter(({ command }) => command === "test");
  switch (kind) {
    case "list":
      writeFileSync(TEST_LIST, testList());
      console.log("docs/tests.md");
      return 0;
    case "unit":
      return close([await unitStep()]);
    case "rules":
      return close([...(words.length === 0 ? await ruleSteps() : []), ...(await ruleMutantSteps(words))]);
    case "e2e":
      return close(await realSteps(words.length === 0 ? quick : filesNamed(words, e2e)));
    case "chaos":
      return close(await realSteps(words.length === 0 ? unasked(chaos) : filesNamed(words, chaos)));
    case "changed":
      return close(await changed(since, [...e2e, ...chaos]));
    case "all":
      if (words[0] === "upgrade-from") return close(await upgradeFrom(words.slice(1), chaos));
      if (words.length > 0) return close(await realSteps(filesNamed(words, [...e2e, ...chaos])));
      return close(await whole([...e2e, ...unasked(chaos)], { hasStandIn: true }));
    case "quick":
      return close(await whole(quick));
  }
}

/** What else is run, and when. */
interface WholeOptions {
  /** Whether the stand-in provider is tried against a real Consul too. @default false */
  readonly hasStandIn?: boolean;
  /** Whether the files do not wait for `check`: sooner done, on a machine that is busier. @default false */
  readonly isAtOnce?: boolean;
}

/** `check`, while images are made where there are none, then the files that need a real Docker. */
async function whole(files: readonly RealTestFile[], options: WholeOptions = {}): Promise<readonly Count[]> {
  const { hasStandIn = false, isAtOnce = false } = options;
  const checks = checkSteps();
  const real = realSteps(files, async (env) => {
    // They measure, and have the machine for themselves.
    if (!isAtOnce) await checks;
    return hasStandIn ? [await goTestStep("stand-in provider", STAND_IN, env)] : [];
  });
  // What cannot begin is told once the other one has ended: neither is left running.
  const [checked, tested] = await Promise.allSettled([checks, real]);
  if (checked.status === "rejected") throw checked.reason;
  if (tested.status === "rejected") throw tested.reason;
  return [...checked.value, ...tested.value];
}

/** Leaves out, and says so, what somebody has to ask for. */
function unasked(files: readonly RealTestFile[]): readonly RealTestFile[] {
  return files.filter((file) => {
    const variable = asksFor(file);
    if (variable !== undefined) report(`${file.folder}/${file.name} is left out: ${variable} is not set`);
    return variable === undefined;
  });
}

async function upgradeFrom(words: readonly string[], chaos: readonly RealTestFile[]): Promise<readonly Count[]> {
  const [ref, surplus] = words;
  if (ref === undefined || surplus !== undefined)
    throw new UserError("`upgrade-from` takes one commit", "Run `npm run test:all -- upgrade-from REF`.");
  return realSteps(filesNamed(["upgrade-from"], chaos), undefined, { ROLLCALL_TEST_FROM: await commitOf(ROOT, ref) });
}

async function changed(since: string | undefined, all: readonly RealTestFile[]): Promise<readonly Count[]> {
  const { files, since: commit } = await changedFiles(ROOT, since);
  const affected = affectedBy(files, all, await sourceFiles(ROOT), new Imports(ROOT));
  const quick = affected.filter(({ command }) => command === "test");
  const slow = affected.filter(({ command }) => command !== "test").map(({ name }) => name);
  const names = quick.map(({ name }) => name).join(", ") || "no end-to-end test";
  report(`${files.length} files differ from ${commit}; they can affect: ${names}`);
  const counts =
    quick.length === 0
      ? await checkSteps()
      : await whole(quick, { isAtOnce: true, hasStandIn: files.some((path) => path.startsWith(`${STAND_IN}/`)) });
  if (slow.length > 0) report(`not run, as they are slow: npm run test:all -- ${slow.join(" ")}`);
  return counts;
}
