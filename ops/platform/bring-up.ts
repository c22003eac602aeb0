import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { whileSilenced } from "../alertmanager/while-silenced.js";
import { writeKnownNames } from "../cli/known-names.js";
import { elapsed, report } from "../cli/progress.js";
import { connect, connectAsAdmin } from "../consul/connect.js";
import { finishGossip } from "../consul/keyring.js";
import { renderUp } from "../report/up-report.js";
import type { Terraform } from "../terraform/terraform.js";
import { announce } from "./announce.js";
import { applyPlatform } from "./apply-platform.js";
import { refuseHalfRestored } from "./begun-restore.js";
import { refuseForgotten } from "./forgotten.js";
import { reviveGateway } from "./gateway-ports.js";
import { leftWrong } from "./left-wrong.js";
import { withPlatformLock } from "./lock.js";
import { appliedLayout, declaredLayout, type Layout, sharedLayout } from "./places/layout.js";
import { repairPlaces } from "./places/repair-places.js";
import { preflight } from "./preflight.js";
import { removeServers } from "./servers/remove-servers.js";
import { refuseUnmeant } from "./servers/surplus.js";
import { startIfStopped } from "./start-platform.js";
import { synthesize } from "./synthesize.js";
import { finishDown, isHalfDown } from "./take-down.js";
import { setUp } from "./tools.js";
import type { Plans } from "./undertaking.js";
import { describeFindings, isGood, waitUntilGood } from "./until-services-pass.js";
import { recordContainers, recordOf, recordSettings } from "./up-record.js";
import { offerSettingsFile } from "./write-settings.js";

/** How an `up` is to be done. */
export interface UpOptions {
  /** Whether the question about what is dangerous is answered beforehand. @default false */
  readonly yes?: boolean | undefined;
  /** Whether every stack is planned, also one that stands as its last plan found it. @default false */
  readonly full?: boolean | undefined;
}

/**
 * Sets up what is missing, says what will change, applies every stack, waits until every service passes,
 * says where to look. On a terminal it asks before it applies something dangerous.
 */
export async function bringUp({ yes = false, full = false }: UpOptions = {}): Promise<number> {
  const given = readSettings();
  // A mistake in the catalog is refused before anything is set up, let alone changed.
  const declared = readCatalog(given.catalogFolder);
  writeKnownNames(declared);
  return withPlatformLock(given.stateFolder, "up", async () => {
    refuseHalfRestored(given);
    // Before an image is built for the wrong catalog. What half went is nobody's platform any more.
    const record = isHalfDown(given) ? undefined : await recordOf(given);
    const isTakenOver = await offerSettingsFile(record);
    refuseForgotten(record);
    const asked = isTakenOver ? readSettings() : given;
    const catalog = isTakenOver ? readCatalog(asked.catalogFolder) : declared;
    const { settings, terraform } = await setUp(asked, catalog);
    if (isHalfDown(settings)) await finishDown(settings, report);
    // A finished `down` took the instance's name with it.
    const current = { ...settings, instance: readSettings().instance };
    const stacks = await synthesize(current, catalog);
    const states = await preflight(current, terraform, stacks, report, refuseUnmeant, record);
    // Consul is asked through the gateway: what Terraform does not see is repaired before anything needs it.
    const layout = declaredLayout(stacks);
    const before = sharedLayout(appliedLayout(states), layout);
    const repairs = [...(await repairPlaces(current, before, report))];
    repairs.push(...(await startIfStopped(current)), ...(await reviveGateway(current, report)));
    const plans = await announce({ settings: current, terraform, stacks, states, catalog, record }, { yes, full });
    await recordSettings(current, terraform, record);
    await finishGossip(current, terraform, stacks);
    const reconnect = async () => void repairs.push(...(await repairPlaces(current, before, report)));
    const apply = () => applyPlatform(current, terraform, stacks, plans, reconnect);
    const applied = replacesParts(plans) ? await whileSilenced(current, "up", apply) : await apply();
    repairs.push(...(await repair(current, layout)));
    await settleServers(current, terraform);
    await recordContainers(current, terraform);
    const consul = await connect(current, terraform);
    const live = await waitUntilGood(current, catalog, consul);
    const wrong = await leftWrong({ settings: current, terraform, layout, catalog, consul }, isGood(live), report);

    const changed = applied.filter(({ add, change, remove }) => add + change + remove > 0).length;
    console.log(`\n${describeFindings(catalog, live)}\n`);
    console.log(renderUp(current, { changed, stacks: applied.length, repairs, wrong, seconds: elapsed() }));
    if (wrong.length > 0 || !isGood(live))
      throw new UserError(
        "Everything was applied, but something is wrong (see above)",
        "`npx rollcall doctor` looks further. Run `npx rollcall up` again when it is repaired.",
      );
    return 0;
  });
}

/** Whether any part may be replaced whose alerts are told: stand-ins are services, and Prometheus tells nothing of itself. */
function replacesParts(plans: Plans): boolean {
  const ownAlerts = ([name]: readonly [string, unknown]) => name !== "workloads" && name !== "monitoring";
  return [...plans].filter(ownAlerts).some(([, { isUnchanged }]) => !isUnchanged);
}

/** What Terraform does not see: containers that are paused or off their networks, and dead ports of the gateway. */
async function repair(settings: Settings, layout: Layout): Promise<readonly string[]> {
  return [...(await repairPlaces(settings, layout, report)), ...(await reviveGateway(settings, report))];
}

/** What Terraform cannot do to the servers: those that are not asked for any more go, and autopilot learns how many stay. */
async function settleServers(settings: Settings, terraform: Terraform): Promise<void> {
  const consul = await connectAsAdmin(settings, terraform);
  await removeServers({ settings, terraform, consul, report });
  const before = await consul.operator.setMinQuorum(settings.servers);
  if (before !== settings.servers) report(`autopilot's min_quorum: ${before} → ${settings.servers}`);
}
