import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog } from "../lib/catalog/types";
import { printableLines } from "../lib/printable";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { applyPlatform } from "./apply-platform";
import { appliedIn } from "./diff/applied";
import { REDIRECTED } from "./diff/report";
import { finishDown, isHalfDown } from "./down";
import { refuseForgotten } from "./forgotten";
import { reviveGateway } from "./gateway-ports";
import { finishGossip } from "./keyring";
import { leftWrong } from "./left-wrong";
import { connect } from "./live";
import { withPlatformLock } from "./lock";
import { appliedLayout, declaredLayout, type Layout, sharedLayout } from "./places/layout";
import { repairPlaces } from "./places/repair-places";
import { preflight } from "./preflight";
import { elapsed, report } from "./progress";
import { redirectedNow } from "./redirects";
import { refuseDangers } from "./refuse-dangers";
import { refuseHalfRestored } from "./restore/begun";
import { refuseUnmeant } from "./servers/going";
import { operatorOf } from "./servers/operator";
import { removeServers } from "./servers/remove-servers";
import { synthesize } from "./synthesize";
import type { Terraform } from "./terraform";
import { setUp } from "./tools";
import { recordContainers, recordOf, recordSettings } from "./up-record";
import { renderUp } from "./up-report";
import { isGood, tell, waitUntilGood } from "./verify";

/** `npm run up`: sets up what is missing, applies every stack, waits until every service passes, says where to look. */
export async function up(): Promise<number> {
  const asked = readSettings();
  // A mistake in the catalog is refused before anything is set up, let alone changed.
  const catalog = readCatalog(asked.catalogFolder);
  return withPlatformLock(asked.stateFolder, "up", async () => {
    refuseHalfRestored(asked);
    // Before an image is built for the wrong catalog. What half went is nobody's platform any more.
    const record = isHalfDown(asked) ? undefined : await recordOf(asked);
    refuseForgotten(record);
    const { settings, terraform } = await setUp(asked, catalog);
    if (isHalfDown(settings)) await finishDown(settings, report);
    // A finished `down` took the instance's name with it.
    const current = { ...settings, instance: readSettings().instance };
    const stacks = await synthesize(current, catalog);
    const states = await preflight(current, terraform, stacks, report, refuseUnmeant, record);
    // Consul is asked through the gateway: what Terraform does not see is repaired before anything needs it.
    const layout = declaredLayout(stacks);
    const before = sharedLayout(appliedLayout(states), layout);
    const repairs = [...(await repair(current, before))];
    const plans = await refuseDangers({ settings: current, terraform, stacks, states, catalog, record });
    await tellRedirected(current, states, catalog);
    await recordSettings(current, terraform, record);
    await finishGossip(current, terraform, stacks);
    const reconnect = async () => void repairs.push(...(await repairPlaces(current, before, report)));
    const applied = await applyPlatform(current, terraform, stacks, plans, reconnect);
    repairs.push(...(await repair(current, layout)));
    await settleServers(current, terraform);
    await recordContainers(current, terraform);
    const client = await connect(current, terraform);
    const live = await waitUntilGood(current, catalog, client);
    const wrong = await leftWrong({ settings: current, terraform, layout, catalog, client }, isGood(live), report);

    const changed = applied.filter(({ add, change, remove }) => add + change + remove > 0).length;
    console.log(`\n${tell(catalog, live)}\n`);
    console.log(renderUp(current, { changed, stacks: applied.length, repairs, wrong, seconds: elapsed() }));
    if (wrong.length > 0 || !isGood(live))
      throw new UserError(
        "Everything was applied, but something is wrong (see above)",
        "`npm run doctor` looks further. Run `npm run up` again when it is repaired.",
      );
    return 0;
  });
}

/** Before anything is applied: which services become critical by it, though nothing of theirs changes. */
async function tellRedirected(
  settings: Settings,
  states: ReadonlyMap<string, string>,
  catalog: Catalog,
): Promise<void> {
  const redirected = await redirectedNow(settings, appliedIn(states), catalog);
  if (redirected.length > 0) console.log(printableLines([`${REDIRECTED}:`, ...redirected].join("\n  ")));
}

/** What Terraform does not see: containers that are paused or off their networks, and dead ports of the gateway. */
async function repair(settings: Settings, layout: Layout): Promise<readonly string[]> {
  return [...(await repairPlaces(settings, layout, report)), ...(await reviveGateway(settings, report))];
}

/** What Terraform cannot do to the servers: those that are not asked for any more go, and autopilot learns how many stay. */
async function settleServers(settings: Settings, terraform: Terraform): Promise<void> {
  const operator = await operatorOf(settings, terraform);
  await removeServers({ settings, terraform, operator, report });
  const before = await operator.setMinQuorum(settings.servers);
  if (before !== settings.servers) report(`autopilot's min_quorum: ${before} → ${settings.servers}`);
}
