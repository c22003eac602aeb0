import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { readSettings } from "../../lib/settings.js";
import { connect } from "../consul/connect.js";
import { listOwned } from "../docker/docker-host.js";
import { requireDocker } from "../docker/require-docker.js";
import { readLive } from "../platform/live.js";
import { setUpTerraform } from "../platform/tools.js";
import { describeFindings, isGood } from "../platform/until-services-pass.js";
import { printJson } from "../report/json/print-json.js";
import { verifyJson } from "../report/json/verify-json.js";
import { renderProblems } from "../report/status/render.js";
import { localStateProblems } from "../terraform/state-health.js";

/** What `verify` is asked for. */
export interface VerifyOptions {
  /** Whether JSON is printed: `VerifyJson`. @default false */
  readonly json?: boolean | undefined;
}

/** `npx rollcall verify`: declared against live, service by service. Exit code 1 where one does not stand as declared. */
export async function verify({ json: isJson = false }: VerifyOptions = {}): Promise<number> {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  await requireDocker();
  const terraform = await setUpTerraform(settings);
  const consul = await connect(settings, terraform);
  const live = await readLive(settings, catalog, consul);
  const problems = await localStateProblems(settings, async () => terraform, await listOwned(settings.instance));
  const found = verifyJson(live, isGood(live), problems);
  if (isJson) {
    printJson(found);
    return found.healthy ? 0 : 1;
  }
  console.log(describeFindings(catalog, live, Number.POSITIVE_INFINITY));
  // All that is declared may pass while a state is damaged: the next `up` could not be told from the first one.
  if (problems.length > 0) console.log(`\n${renderProblems(problems)}`);
  return found.healthy ? 0 : 1;
}
