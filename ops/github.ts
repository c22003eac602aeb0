import { readCatalog } from "../lib/catalog/read-catalog";
import { cut } from "../lib/printable";
import { readCatalogFolder, readGitHub, readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { CORRECT_THEM, catalogAt } from "./diff/catalog-at";
import { planPlatform } from "./diff/plan-platform";
import { exitCode, fenced, type Report, render, reportBetween, within } from "./diff/report";
import { readDrift } from "./drift";
import { GitHub } from "./github/github";
import { howTo } from "./usage.cjs";

const USAGE = howTo("github");

/** By these a later run finds what an earlier one wrote. They show on no page. */
const DIFF_MARK = "<!-- rollcall diff -->";
const DRIFT_MARK = "<!-- rollcall drift -->";

/**
 * `npm run github -- comment`: the diff as one comment on a pull request, updated in place; between two commits with
 * `--against` and `--of`, else of the platform. `npm run github -- drift`: the drift as one issue, closed when it is gone.
 * Exit code 1 where something is wrong or dangerous, so that the job is red; else 0.
 */
export async function github(asked: Asked): Promise<number> {
  const client = new GitHub(readGitHub());
  return asked.action === "comment" ? comment(client, asked) : driftIssue(client);
}

async function comment(client: GitHub, asked: Asked): Promise<number> {
  const { pullRequest, against, of } = commentOptions(asked);
  const catalogFolder = readCatalogFolder();
  const { code, text } = await toldOf(async () =>
    against === undefined || of === undefined
      ? planPlatform(readSettings(), readCatalog(catalogFolder))
      : reportBetween(await catalogAt(against, catalogFolder), await catalogAt(of, catalogFolder, CORRECT_THEM)),
  );
  await client.comment(pullRequest, DIFF_MARK, `### What this changes\n\n${text}`, code !== 0);
  return code === 1 ? 1 : 0;
}

async function driftIssue(client: GitHub): Promise<number> {
  const { code, text } = await toldOf(async () => (await readDrift(readSettings())).report);
  const body = `What runs is not what was applied. \`npm run up\` puts back what Terraform knows.\n\n${text}`;
  await client.issue(DRIFT_MARK, "Drift: what runs is not what was applied", code === 0 ? undefined : body);
  return code === 0 ? 0 : 1;
}

/** A report, or a person's mistake, as the text of a comment. */
async function toldOf(read: () => Promise<Report>): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const report = await read();
    return { code: exitCode(report), text: render(report, "markdown") };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = `${error.message}\n${error.remedy}`.split("\n");
    return { code: 1, text: fenced(within(lines.map((line) => cut(line, 2_000)))) };
  }
}

function commentOptions({ named: given }: Asked) {
  const [pullRequest, against, of] = [Number(given.get("pull-request")), given.get("against"), given.get("of")];
  if (!Number.isInteger(pullRequest) || pullRequest < 1) throw new UserError("Which pull request?", USAGE);
  if ((against === undefined) !== (of === undefined)) throw new UserError("--against and --of go together", USAGE);
  return { pullRequest, against, of };
}
