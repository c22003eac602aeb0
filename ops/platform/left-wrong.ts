import type { Catalog } from "../../lib/catalog/types.js";
import type { Settings } from "../../lib/settings.js";
import type { ConsulApi } from "../consul/api/consul-api.js";
import { judgeForeignKeys, readForeignKeys } from "../consul/foreign-keys.js";
import type { Problem } from "../report/problem.js";
import { judgeStatus } from "../report/status/judge.js";
import { readStatus } from "../report/status/read-status.js";
import type { Terraform } from "../terraform/terraform.js";
import { wrongAddresses } from "./gateway-ports.js";
import type { Layout } from "./places/layout.js";
import { hostsOf, judgeStanding, readStanding } from "./places/standing.js";
import { isUnknown, resultOf } from "./result.js";
import { waitUntil } from "./wait-until.js";

export interface Upped {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly layout: Layout;
  readonly catalog: Catalog;
  readonly consul: ConsulApi;
}

/** A server that came back votes after 10 s, and Docker looks at a container's health every 10 s: three times both. */
export const SETTLES_WITHIN_SECONDS = 60;

/**
 * What is wrong when everything was applied, by the judgement that `status` makes: `up` must not say that nothing is while
 * `status` says that something is. Beyond that it looks at the platform's networks and at keys of no team, and asks the addresses that it prints.
 * @param isGood whether every service stands as declared; where not, that was waited for already
 */
export async function leftWrong(
  upped: Upped,
  isGood: boolean,
  report: (line: string) => void,
): Promise<readonly Problem[]> {
  return untilNothing(() => look(upped), isGood ? SETTLES_WITHIN_SECONDS : 0, report);
}

async function look({ settings, terraform, layout, catalog, consul }: Upped): Promise<readonly Problem[]> {
  const [status, standing, foreign, addresses] = await Promise.all([
    readStatus(settings, terraform),
    readStanding(settings, layout, hostsOf(catalog)),
    resultOf(() => readForeignKeys(settings, terraform, catalog)),
    wrongAddresses(settings, consul),
  ]);
  const all: readonly Problem[] = [
    ...judgeStatus(status),
    ...judgeStanding(standing),
    ...(isUnknown(foreign) ? [] : judgeForeignKeys(foreign)),
    ...addresses,
  ];
  return all.filter(({ isNote }) => isNote !== true);
}

/**
 * Looks again each second until nothing is wrong any more, or the seconds are over; says what it waits for.
 * @returns what is wrong still
 */
export async function untilNothing(
  wrong: () => Promise<readonly Problem[]>,
  seconds: number,
  report: (line: string) => void,
): Promise<readonly Problem[]> {
  return waitUntil<readonly Problem[], readonly Problem[]>({
    seconds,
    pauseMs: 1000,
    look: async () => {
      const found = await wrong();
      // Where something stays wrong in any case, nothing is gained by waiting for the rest.
      const mayPass = found.length > 0 && found.every((each) => each.mayPass === true);
      return mayPass ? { missing: found } : { found };
    },
    late: (still) => still,
    progress: ([first]) => (first === undefined ? "" : `waiting for: ${first.what}`),
    report,
  });
}
