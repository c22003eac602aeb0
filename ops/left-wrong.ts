import { setTimeout as sleep } from "node:timers/promises";
import type { Catalog } from "../lib/catalog/types";
import type { Settings } from "../lib/settings";
import type { ConsulClient } from "./consul-client";
import { judgeForeignKeys, readForeignKeys } from "./foreign-keys";
import { wrongAddresses } from "./gateway-ports";
import { stopIfInterrupted } from "./interrupt";
import { isUnknown, known } from "./known";
import type { Layout } from "./places/layout";
import { hostsOf, judgeStanding, readStanding } from "./places/standing";
import { judgeStatus } from "./status/judge";
import { readStatus } from "./status/read-status";
import type { Terraform } from "./terraform";
import type { Trouble } from "./trouble";

export interface Upped {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly layout: Layout;
  readonly catalog: Catalog;
  readonly client: ConsulClient;
}

/** A server that came back votes after 10 s, and Docker looks at a container's health every 10 s: three times both. */
const SETTLES_WITHIN_SECONDS = 60;

/**
 * What is wrong when everything was applied, by the judgement that `status` makes: `up` must not say that nothing is while
 * `status` says that something is. Beyond that it looks at the platform's networks and at keys of no team, and asks the addresses that it prints.
 * @param isGood whether every service stands as declared; where not, that was waited for already
 */
export async function leftWrong(
  upped: Upped,
  isGood: boolean,
  report: (line: string) => void,
): Promise<readonly Trouble[]> {
  return untilNothing(() => look(upped), isGood ? SETTLES_WITHIN_SECONDS : 0, report);
}

async function look({ settings, terraform, layout, catalog, client }: Upped): Promise<readonly Trouble[]> {
  const [status, standing, foreign, addresses] = await Promise.all([
    readStatus(settings, terraform),
    readStanding(settings, layout, hostsOf(catalog)),
    known(() => readForeignKeys(settings, terraform, catalog)),
    wrongAddresses(settings, client),
  ]);
  const all: readonly Trouble[] = [
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
  wrong: () => Promise<readonly Trouble[]>,
  seconds: number,
  report: (line: string) => void,
): Promise<readonly Trouble[]> {
  const begun = Date.now();
  let told = "";
  for (;;) {
    stopIfInterrupted();
    const found = await wrong();
    const [first] = found;
    if (first === undefined || Date.now() - begun >= seconds * 1000) return found;
    // Where something stays wrong in any case, nothing is gained by waiting for the rest.
    if (!found.every(({ mayPass }) => mayPass === true)) return found;
    if (first.what !== told) report(`waiting for: ${first.what}`);
    told = first.what;
    await sleep(1000);
  }
}
