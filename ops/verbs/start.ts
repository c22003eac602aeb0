import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { counted } from "../cli/counted.js";
import { elapsed, report } from "../cli/progress.js";
import { connect } from "../consul/connect.js";
import { requireDocker } from "../docker/require-docker.js";
import { refuseForgotten } from "../platform/forgotten.js";
import { SETTLES_WITHIN_SECONDS, untilNothing } from "../platform/left-wrong.js";
import { withPlatformLock } from "../platform/lock.js";
import { startPlatform } from "../platform/start-platform.js";
import { isHalfDown } from "../platform/take-down.js";
import { setUpTerraform } from "../platform/tools.js";
import { describeFindings, isGood, waitUntilGood } from "../platform/until-services-pass.js";
import { recordOf } from "../platform/up-record.js";
import type { Problem } from "../report/problem.js";
import { judgeStatus } from "../report/status/judge.js";
import { readStatus } from "../report/status/read-status.js";
import { renderProblems } from "../report/status/render.js";
import type { Terraform } from "../terraform/terraform.js";

/**
 * `npx rollcall start`: starts every container of the platform that `npx rollcall stop` stopped, and waits until every service
 * passes. Applies nothing. Exit code 1 where a service does not pass.
 * @throws UserError where there is no platform, or where a container cannot be started
 */
export async function start(): Promise<number> {
  const settings = readSettings();
  return withPlatformLock(settings.stateFolder, "start", async () => {
    await requireDocker("nothing was started");
    if (isHalfDown(settings))
      throw new UserError(
        "A `down` was interrupted, so this platform is not whole",
        "Run `npx rollcall down` to finish it, or `npx rollcall up`, which finishes it and starts over.",
      );
    // What is started is asked through the ports and compared with the catalog that the settings name.
    refuseForgotten(await recordOf(settings));
    const started = await startPlatform(settings);
    // A mistake in the catalog's files keeps nothing from being started.
    const catalog = readCatalog(settings.catalogFolder);
    const terraform = await setUpTerraform(settings);
    const live = await waitUntilGood(settings, catalog, await connect(settings, terraform));
    const wrong = await wrongAfterwards(settings, terraform, isGood(live));
    console.log(`\n${describeFindings(catalog, live)}\n`);
    if (wrong.length > 0) console.log(`${renderProblems(wrong)}\n`);
    console.log(
      started === 0
        ? "Nothing to do: every container runs."
        : `${counted(started, "container")} started, in ${elapsed()} s.`,
    );
    if (wrong.length > 0 || !isGood(live))
      throw new UserError(
        "Every container is started, but something is wrong (see above)",
        "`npx rollcall doctor` looks further. Where the catalog's files have changed, `npx rollcall up` applies them.",
      );
    return 0;
  });
}

/** What `status` would call wrong, once what passes by itself has had its time: `start` must not say less than `status`. */
async function wrongAfterwards(settings: Settings, terraform: Terraform, isGood: boolean): Promise<readonly Problem[]> {
  const look = async () => judgeStatus(await readStatus(settings, terraform)).filter(({ isNote }) => isNote !== true);
  return untilNothing(look, isGood ? SETTLES_WITHIN_SECONDS : 0, report);
}
