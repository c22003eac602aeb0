import { setTimeout as sleep } from "node:timers/promises";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog } from "../lib/catalog/types";
import { printable } from "../lib/printable";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { colour } from "./colour";
import type { Finding } from "./compare";
import type { ConsulClient } from "./consul-client";
import { listOwned } from "./docker-host";
import { fewLines, MOST } from "./few";
import { stopIfInterrupted } from "./interrupt";
import { connect, type Live, readLive } from "./live";
import { report } from "./progress";
import { requireDocker } from "./require-docker";
import { localStateTroubles } from "./state-health";
import { renderTroubles } from "./status/render";
import { setUpTerraform } from "./tools";

/** `npm run verify`: declared against live, service by service. Exit code 1 where one does not stand as declared. */
export async function verify(): Promise<number> {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  await requireDocker();
  const terraform = await setUpTerraform(settings);
  const client = await connect(settings, terraform);
  const live = await readLive(settings, catalog, client);
  console.log(tell(catalog, live, Number.POSITIVE_INFINITY));
  const troubles = await localStateTroubles(settings, async () => terraform, await listOwned(settings.instance));
  // All that is declared may pass while a state is damaged: the next `up` could not be told from the first one.
  if (troubles.length > 0) console.log(`\n${renderTroubles(troubles)}`);
  return isGood(live) && troubles.length === 0 ? 0 : 1;
}

/** Whether everything declared passes and nothing else is there. */
export function isGood({ findings, refusals }: Live): boolean {
  return refusals.length === 0 && findings.every(({ standing }) => standing === "passing" || standing === "warning");
}

/**
 * A TCP check of the seeds runs every 30 s, also after an agent took its files anew and began its checks' rhythm anew;
 * three times that, and the registrar's own 3 s.
 */
const PASSING_WITHIN_SECONDS = 100;

/** What was taken away shows until the registrar and the agent have heard of it: 3 s, more on a busy machine. */
const SETTLES_WITHIN_SECONDS = 15;

/** `untilGood` of what runs. */
export function waitUntilGood(settings: Settings, catalog: Catalog, client: ConsulClient): Promise<Live> {
  return untilGood(catalog.services.length, () => readLive(settings, catalog, client));
}

/**
 * Looks again each second until everything declared passes, or the deadline has come; says how far it is. Something
 * extra or refused may be on its way out; what stays so never mends itself and is not waited for longer.
 * @param services how many are declared
 * @param look reads what runs; where it gives a UserError, as during an election, it is not known yet
 * @throws UserError what it said last where it never came to be known
 */
export async function untilGood(services: number, look: () => Promise<Live>): Promise<Live> {
  const begun = Date.now();
  let knownSince = begun;
  let told = "";
  for (;;) {
    stopIfInterrupted();
    const live = await look().catch(unknown);
    const now = Date.now();
    let line: string;
    if (live instanceof UserError) {
      if (now - begun > PASSING_WITHIN_SECONDS * 1000) throw live;
      knownSince = now;
      line = live.message;
    } else {
      const open = live.findings.filter(({ standing }) => !["passing", "warning", "extra"].includes(standing));
      const patience = open.length > 0 ? PASSING_WITHIN_SECONDS : SETTLES_WITHIN_SECONDS;
      if (isGood(live) || now - knownSince > patience * 1000) return live;
      const passing = `${services - open.length} of ${services} services pass`;
      line = open.length > 0 ? passing : `${passing}, waiting for what was removed to be gone`;
    }
    if (line !== told) report(line);
    told = line;
    await sleep(1000);
  }
}

function unknown(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

/**
 * The report of a verification: a line a team, then each service that does not stand as declared, then refusals.
 * @param most as many declared services are named; of what nobody declared, and of refusals, always a few
 */
export function tell(catalog: Catalog, { findings, refusals }: Live, most = MOST): string {
  const width = Math.max(4, ...catalog.teams.map(({ name }) => name.length));
  const rows = catalog.teams.map(({ name, services }) => {
    const passing = findings.filter(({ team, standing }) => team === name && standing === "passing").length;
    const mark =
      passing === services.length ? colour.green("passing") : colour.red(`${services.length - passing} not passing`);
    return `${name.padEnd(width)}  ${String(passing).padStart(3)} of ${String(services.length).padStart(3)}  ${mark}`;
  });
  const wrong = findings.filter(({ standing }) => standing !== "passing");
  const own = wrong.filter(({ standing }) => standing !== "extra").map(lineOf);
  const extra = wrong.filter(({ standing }) => standing === "extra").map(lineOf);
  const refused = refusals.map(({ key, reason }) => `${colour.red("refused ")}  ${printable(`${key}: ${reason}`)}`);
  return [
    ...rows,
    ...fewLines(own, "`npm run verify` names all", most),
    ...fewLines(extra, "`npm run catalog -- audit` names all"),
    ...fewLines(refused, "`npm run status -- --json` has all"),
  ].join("\n");
}

function lineOf({ name, standing, why }: Finding): string {
  return `${colour.red(standing.padEnd(8))}  ${printable(`${name}: ${why}`)}`;
}
