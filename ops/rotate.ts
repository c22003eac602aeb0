import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { refuseForgotten } from "./forgotten";
import { connect, untilLed } from "./live";
import { withPlatformLock } from "./lock";
import { preflight } from "./preflight";
import { elapsed, report } from "./progress";
import { rotateCertificates } from "./rotate/certificates";
import { rotateGossip } from "./rotate/gossip";
import { rotateManagement } from "./rotate/management";
import { Rotation } from "./rotate/rotation";
import { finishTokens, rotateTokens } from "./rotate/tokens";
import { refuseOtherNumber } from "./servers/going";
import { synthesize } from "./synthesize";
import { setUp } from "./tools";
import { readRecord, recordContainers, recordOf, recordSettings } from "./up-record";
import { isGood, tell, waitUntilGood } from "./verify";

/** Each exchange; gives the sentence to end with. */
const EXCHANGES: Readonly<Record<string, (rotation: Rotation) => Promise<string>>> = {
  tokens: rotateTokens,
  "tokens --finish": finishTokens,
  gossip: rotateGossip,
  certificates: rotateCertificates,
  management: rotateManagement,
};

/**
 * `npm run rotate -- WHAT`: exchanges secrets while everything runs. Old and new are valid together until all that
 * use them have the new one. What an interrupted run left is finished by the next one; it applies what differs, as
 * `up` does.
 */
export async function rotate({ action, flags }: Asked): Promise<number> {
  const exchange = EXCHANGES[flags.has("finish") ? `${action} --finish` : action];
  if (exchange === undefined) throw new Error(`no exchange ${action}`);
  const given = readSettings();
  const catalog = readCatalog(given.catalogFolder);
  return withPlatformLock(given.stateFolder, "rotate", async () => {
    refuseForgotten(await recordOf(given));
    const { settings, terraform } = await setUp(given, catalog);
    const stacks = await synthesize(settings, catalog);
    const record = await readRecord(settings, terraform);
    // Refused here where the platform is not up: what takes its secrets anew must run.
    const client = await connect(settings, terraform);
    await untilLed(client);
    await preflight(settings, terraform, stacks, report, refuseOtherNumber, record);
    await recordSettings(settings, terraform, record);

    const outcome = await exchange(new Rotation(settings, catalog, terraform, stacks));
    await recordContainers(settings, terraform);
    const live = await waitUntilGood(settings, catalog, client);
    console.log(`\n${tell(catalog, live)}\n\n${outcome}\nIn ${elapsed()} s.`);
    if (!isGood(live))
      throw new UserError(
        "The exchange is done, but not every service stands as declared (see above)",
        "Mend them and run `npm run verify`.",
      );
    return 0;
  });
}
