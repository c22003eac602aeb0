import { seconds } from "./fields.js";
import type { CatalogProblem } from "./problem.js";
import type { TeamFile } from "./team-file.js";
import type { Service } from "./types.js";

/** The fastest burn that an alert looks for: 2 % of the budget of 30 days within an hour, as Google's SRE workbook has it. */
export const FASTEST_BURN = 14.4;

/** So many attempts in a row must fit into what a window may miss: a single one that fails is chance. */
export const LEAST_ATTEMPTS = 3;

/** The seconds that a service may be down within an hour before its budget burns at the fastest rate. */
function fastBurnSeconds(slo: number): number {
  return FASTEST_BURN * (1 - slo / 100) * 3600;
}

/** How often somebody looks at a service, in seconds: the most frequent of its checks; undefined where none has an interval. */
export function looksEvery({ checks }: Pick<Service, "checks">): number | undefined {
  const all = checks.flatMap(({ check }) =>
    "interval" in check ? [seconds(check.interval)] : check.kind === "ttl" ? [seconds(check.ttl)] : [],
  );
  return all.length === 0 ? undefined : Math.min(...all);
}

/** Whether a service's checks see an outage that burns its budget at the fastest rate. */
export function seesFastBurn(service: Pick<Service, "checks" | "slo">): boolean {
  const every = looksEvery(service);
  return service.slo !== undefined && every !== undefined && fastBurnSeconds(service.slo) >= LEAST_ATTEMPTS * every;
}

/** Whether a service promises more than its checks can see. */
export function isTooFine(service: Pick<Service, "checks" | "slo">): boolean {
  return service.slo !== undefined && looksEvery(service) !== undefined && !seesFastBurn(service);
}

/** Services that promise more than their checks can see, each once. No mistake: all but the fastest alert are made. */
export function tooFineSlos(files: readonly TeamFile[]): readonly CatalogProblem[] {
  const seen = new Set<string>();
  return files.flatMap(({ services }) =>
    services.flatMap(({ what, at }) => {
      const { name, slo } = what;
      const every = looksEvery(what);
      if (slo === undefined || every === undefined || !isTooFine(what) || seen.has(name)) return [];
      seen.add(name);
      const allowed = fastBurnSeconds(slo).toFixed(1);
      return {
        ...at,
        message: `${name} has an slo of ${slo}, which at its fastest burn allows ${allowed} s an hour, and ${LEAST_ATTEMPTS} checks take ${LEAST_ATTEMPTS * every} s: that burn is not alerted on`,
        remedy: `check it every ${Math.floor(fastBurnSeconds(slo) / LEAST_ATTEMPTS)}s or more often, or lower the slo`,
      };
    }),
  );
}
