import type { Catalog } from "../../lib/catalog/types.js";
import { printable } from "../../lib/printable.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { colour } from "../cli/colour.js";
import { fewLines, MOST } from "../cli/few.js";
import type { ConsulApi } from "../consul/api/consul-api.js";
import { type Finding, teamStandings } from "../report/compare.js";
import { type Live, readLive } from "./live.js";
import { waitUntil } from "./wait-until.js";

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
export function waitUntilGood(settings: Settings, catalog: Catalog, consul: ConsulApi): Promise<Live> {
  return untilGood(catalog.services.length, () => readLive(settings, catalog, consul));
}

/**
 * Looks again each second until everything declared passes, or the deadline has come; says how far it is. Something
 * extra or refused may be on its way out; if it stays, it will not recover by itself, and the wait ends.
 * @param services how many are declared
 * @param look reads what runs; where it gives a UserError, as during an election, it is not known yet
 * @throws UserError what it said last where it never came to be known
 */
export async function untilGood(services: number, look: () => Promise<Live>): Promise<Live> {
  const begun = Date.now();
  let knownSince = begun;
  return waitUntil<Live>({
    pauseMs: 1000,
    look: async () => {
      const live = await look().catch(unknown);
      const now = Date.now();
      if (live instanceof UserError) {
        if (now - begun > PASSING_WITHIN_SECONDS * 1000) throw live;
        knownSince = now;
        return { missing: live.message };
      }
      const open = live.findings.filter(({ standing }) => !["passing", "warning", "extra"].includes(standing));
      const patience = open.length > 0 ? PASSING_WITHIN_SECONDS : SETTLES_WITHIN_SECONDS;
      if (isGood(live) || now - knownSince > patience * 1000) return { found: live };
      const passing = `${services - open.length} of ${services} services pass`;
      return { missing: open.length > 0 ? passing : `${passing}, waiting for what was removed to be gone` };
    },
    progress: (line) => line,
  });
}

function unknown(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

/**
 * The report of a verification: a line a team, then each service that does not stand as declared, then refusals.
 * @param most as many declared services are named; of what nobody declared, and of refusals, always a few
 */
export function describeFindings(catalog: Catalog, { findings, refusals }: Live, most = MOST): string {
  const width = Math.max(4, ...catalog.teams.map(({ name }) => name.length));
  const rows = teamStandings(catalog, findings).map(({ team, passing, declared }) => {
    const mark = passing === declared ? colour.green("passing") : colour.red(`${declared - passing} not passing`);
    return `${team.padEnd(width)}  ${String(passing).padStart(3)} of ${String(declared).padStart(3)}  ${mark}`;
  });
  const wrong = findings.filter(({ standing }) => standing !== "passing");
  const own = wrong.filter(({ standing }) => standing !== "extra").map(lineOf);
  const extra = wrong.filter(({ standing }) => standing === "extra").map(lineOf);
  const refused = refusals.map(({ key, reason }) => `${colour.red("refused ")}  ${printable(`${key}: ${reason}`)}`);
  return [
    ...rows,
    ...fewLines(own, "`npx rollcall verify` names all", most),
    ...fewLines(extra, "`npx rollcall catalog audit` names all"),
    ...fewLines(refused, "`npx rollcall status --json` has all"),
  ].join("\n");
}

function lineOf({ name, standing, why }: Finding): string {
  return `${colour.red(standing.padEnd(8))}  ${printable(`${name}: ${why}`)}`;
}
