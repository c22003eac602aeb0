import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readSettings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { whileSilenced } from "../alertmanager/while-silenced.js";
import { elapsed, report } from "../cli/progress.js";
import { connect } from "../consul/connect.js";
import { refuseForgotten } from "../platform/forgotten.js";
import { untilLed } from "../platform/live.js";
import { withPlatformLock } from "../platform/lock.js";
import { preflight } from "../platform/preflight.js";
import { refuseOtherNumber } from "../platform/servers/surplus.js";
import { synthesize } from "../platform/synthesize.js";
import { setUp } from "../platform/tools.js";
import { describeFindings, isGood, waitUntilGood } from "../platform/until-services-pass.js";
import { readRecord, recordContainers, recordOf, recordSettings } from "../platform/up-record.js";
import { rotateCertificates } from "./rotate/certificates.js";
import { rotateGossip } from "./rotate/gossip.js";
import { rotateManagement } from "./rotate/management.js";
import { Rotation } from "./rotate/rotation.js";
import { finishTokens, rotateTokens } from "./rotate/tokens.js";

/** Each exchange; gives the sentence to end with. */
const EXCHANGES = {
  tokens: rotateTokens,
  "tokens --finish": finishTokens,
  gossip: rotateGossip,
  certificates: rotateCertificates,
  management: rotateManagement,
} as const satisfies Record<string, (rotation: Rotation) => Promise<string>>;

/** What is exchanged. */
export type Exchange = keyof typeof EXCHANGES;

/**
 * `npx rollcall rotate WHAT`: exchanges secrets while everything runs. Old and new are valid together until all that
 * use them have the new one. What an interrupted run left is finished by the next one; it applies what differs, as
 * `up` does.
 */
export async function rotate(what: Exchange): Promise<number> {
  const exchange = EXCHANGES[what];
  const given = readSettings();
  const catalog = readCatalog(given.catalogFolder);
  return withPlatformLock(given.stateFolder, "rotate", async () => {
    refuseForgotten(await recordOf(given));
    const { settings, terraform } = await setUp(given, catalog);
    const stacks = await synthesize(settings, catalog);
    const record = await readRecord(settings, terraform);
    // Refused here where the platform is not up: what reloads its secrets must run.
    const consul = await connect(settings, terraform);
    await untilLed(consul);
    await preflight(settings, terraform, stacks, report, refuseOtherNumber, record);
    await recordSettings(settings, terraform, record);

    const rotation = new Rotation(settings, catalog, terraform, stacks);
    const outcome = await whileSilenced(settings, `rotate ${what}`, () => exchange(rotation));
    await recordContainers(settings, terraform);
    const live = await waitUntilGood(settings, catalog, consul);
    console.log(`\n${describeFindings(catalog, live)}\n\n${outcome}\nIn ${elapsed()} s.`);
    if (!isGood(live))
      throw new UserError(
        "The exchange is done, but not every service stands as declared (see above)",
        "Mend them and run `npx rollcall verify`.",
      );
    return 0;
  });
}
