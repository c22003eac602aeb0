import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { cut } from "../../lib/printable.js";
import { readCatalogFolder, readGitHub, readSettings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { UsageError } from "../cli/usage-error.js";
import { CORRECT_THEM, catalogAt } from "../report/diff/catalog-at.js";
import { planPlatform } from "../report/diff/plan-platform.js";
import { exitCode, fenced, type Report, render, reportBetween, within } from "../report/diff/report.js";
import { readDrift } from "../report/drift.js";
import { GitHub } from "./github/github.js";

/** What `github comment` is asked for. */
export interface CommentOptions {
  /** The number of the pull request. */
  readonly pullRequest: string;
  /** The older commit, with `of`. @default - the diff of the platform */
  readonly against?: string | undefined;
  /** The newer commit. */
  readonly of?: string | undefined;
}

/** By these a later run finds what an earlier one wrote. They show on no page. */
const DIFF_MARK = "<!-- rollcall diff -->";
const DRIFT_MARK = "<!-- rollcall drift -->";

/**
 * `npx rollcall github comment`: the diff as one comment on a pull request, updated in place; between two commits with
 * `--against` and `--of`, else of the platform.
 * Exit code 1 where something is wrong or dangerous, so that the job is red; else 0.
 */
export async function comment(options: CommentOptions): Promise<number> {
  const { pullRequest, against, of } = readOptions(options);
  const client = new GitHub(readGitHub());
  const catalogFolder = readCatalogFolder();
  const { code, text } = await textOf(async () =>
    against === undefined || of === undefined
      ? planPlatform(readSettings(), readCatalog(catalogFolder))
      : reportBetween(await catalogAt(against, catalogFolder), await catalogAt(of, catalogFolder, CORRECT_THEM)),
  );
  await client.comment(pullRequest, DIFF_MARK, `### What this changes\n\n${text}`, code !== 0);
  return code === 1 ? 1 : 0;
}

/** `github drift`: the drift as one issue, closed when it is gone. Exit code 1 where there is some. */
export async function driftIssue(): Promise<number> {
  const client = new GitHub(readGitHub());
  const { code, text } = await textOf(async () => (await readDrift(readSettings())).report);
  const body = `What runs is not what was applied. \`npx rollcall up\` puts back what Terraform knows.\n\n${text}`;
  await client.issue(DRIFT_MARK, "Drift: what runs is not what was applied", code === 0 ? undefined : body);
  return code === 0 ? 0 : 1;
}

/** A report, or a person's mistake, as the text of a comment. */
async function textOf(read: () => Promise<Report>): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const report = await read();
    return { code: exitCode(report), text: render(report, "markdown") };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = `${error.message}\n${error.remedy}`.split("\n");
    return { code: 1, text: fenced(within(lines.map((line) => cut(line, 2_000)))) };
  }
}

function readOptions({ pullRequest: given, against, of }: CommentOptions) {
  const pullRequest = Number(given);
  if (!Number.isInteger(pullRequest) || pullRequest < 1)
    throw new UsageError(`--pull-request is ${JSON.stringify(given)}`, "It takes a number.");
  if ((against === undefined) !== (of === undefined)) throw new UsageError("--against and --of go together");
  return { pullRequest, against, of };
}
