import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { applyPlatform } from "./apply-platform";
import { finishDown, isHalfDown } from "./down";
import { refuseForgotten } from "./forgotten";
import { finishGossip } from "./keyring";
import { connect } from "./live";
import { withPlatformLock } from "./lock";
import { preflight } from "./preflight";
import { elapsed, report } from "./progress";
import { refuseHalfRestored } from "./restore/begun";
import { refuseUnmeant } from "./servers/going";
import { operatorOf } from "./servers/operator";
import { removeServers } from "./servers/remove-servers";
import { synthesize } from "./synthesize";
import type { Terraform } from "./terraform";
import { setUp } from "./tools";
import { readRecord, recordContainers, recordSettings } from "./up-record";
import { isGood, tell, waitUntilGood } from "./verify";

/** `npm run up`: sets up what is missing, applies every stack, waits until every service passes, says where to look. */
export async function up(): Promise<number> {
  const asked = readSettings();
  // A mistake in the catalog is refused before anything is set up, let alone changed.
  const catalog = readCatalog(asked.catalogFolder);
  return withPlatformLock(asked.stateFolder, "up", async () => {
    refuseHalfRestored(asked);
    const { settings, terraform } = await setUp(asked, catalog);
    if (isHalfDown(settings)) await finishDown(settings, report);
    // A finished `down` took the instance's name with it.
    const current = { ...settings, instance: readSettings().instance };
    const stacks = synthesize(current, catalog);
    const record = await readRecord(current, terraform);
    refuseForgotten(record);
    await preflight(current, terraform, stacks, report, refuseUnmeant);
    await recordSettings(current, terraform, record);
    await finishGossip(current, terraform, stacks);
    const applied = await applyPlatform(current, terraform, stacks);
    await settleServers(current, terraform);
    await recordContainers(current, terraform);
    const live = await waitUntilGood(current, catalog, await connect(current, terraform));

    const changed = applied.filter(({ add, change, remove }) => add + change + remove > 0).length;
    console.log(`\n${tell(catalog, live)}\n`);
    console.log(
      [
        `UI       http://localhost:${current.httpPort}/ui/${current.datacenter}/services`,
        `API      http://localhost:${current.httpPort}/v1/  and  https://localhost:${current.httpsPort}/v1/`,
        "Token    npm run -s token -- operator",
        ...(current.coexist ? ["Coexist  on: `npm run catalog -- audit` names what registers itself"] : []),
        `${changed === 0 ? "Nothing changed" : `${changed} of ${applied.length} stacks changed`}, in ${elapsed()} s.`,
      ].join("\n"),
    );
    if (!isGood(live))
      throw new UserError(
        "The platform is up, but not every service stands as declared (see above)",
        "Mend them and run `npm run verify`.",
      );
    return 0;
  });
}

/** What Terraform cannot do to the servers: those that are not asked for any more go, and autopilot learns how many stay. */
async function settleServers(settings: Settings, terraform: Terraform): Promise<void> {
  const operator = await operatorOf(settings, terraform);
  await removeServers({ settings, terraform, operator, report });
  const before = await operator.setMinQuorum(settings.servers);
  if (before !== settings.servers) report(`autopilot's min_quorum: ${before} → ${settings.servers}`);
}
