import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { watchdog } from "../../lib/monitoring/alerts/watchdog.js";
import { ALERT_NAMES } from "../../lib/monitoring/rules.js";
import { nearest } from "../../lib/nearest-word.cjs";
import { printable } from "../../lib/printable.js";
import { readSettings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { Alertmanager, type Silence } from "../alertmanager/alertmanager.js";
import { requireMonitoring } from "../alertmanager/require-monitoring.js";
import { changed } from "../cli/changes-made.js";
import { UsageError } from "../cli/usage-error.js";
import { requireDocker } from "../docker/require-docker.js";
import { userName } from "../platform/audit-verb.js";
import { minuteOf } from "../report/minute.js";

/** How `rollcall silence` works. */
export interface SilenceOptions {
  /** What is silenced now. @default false */
  readonly list?: boolean | undefined;
  /** Ends the silence of this id. @default - none */
  readonly end?: string | undefined;
}

const UNIT_SECONDS = { m: 60, h: 3600, d: 86_400 } as const;
/** Whoever wants silence for longer takes the alert out of the catalog: `alert: none`. */
const LONGEST_SECONDS = 30 * UNIT_SECONDS.d;

/** `npx rollcall silence WHAT FOR WHY`: nobody is told of a service, or of an alert, for a time. */
export async function silence(
  what: string | undefined,
  duration: string | undefined,
  why: readonly string[],
  { list = false, end }: SilenceOptions,
): Promise<number> {
  const settings = readSettings();
  requireMonitoring(settings);
  const alertmanager = new Alertmanager(settings.prefix);
  if (list || end !== undefined) {
    if (what !== undefined)
      throw new UsageError("--list and --end take no other words", "`npx rollcall silence --list`");
    await requireDocker();
    if (end !== undefined) {
      await alertmanager.end(end);
      changed(`silence ${end} ended`);
      console.log(`Ended: ${printable(end)}`);
      return 0;
    }
    for (const line of silenceLines(await alertmanager.silences())) console.log(line);
    return 0;
  }
  if (what === undefined || duration === undefined || why.length === 0)
    throw new UsageError(
      "A silence says what, for how long, and why",
      'Such as `npx rollcall silence billing_service 2h "deploying"`.',
    );
  const seconds = secondsOf(duration);
  const { services, dynamic } = readCatalog(settings.catalogFolder);
  const matcher = matcherOf(
    what,
    [...services, ...dynamic].map(({ name }) => name),
  );
  await requireDocker();
  const until = minuteOf(new Date(Date.now() + seconds * 1000).toISOString());
  const id = await alertmanager.silence([matcher], seconds, userName(), why.join(" "));
  changed(`${what} silenced for ${duration}: ${why.join(" ")}`);
  console.log(
    `Nobody is told of ${printable(what)} until ${until}. To end it before: npx rollcall silence --end ${id}`,
  );
  return 0;
}

/** @throws UsageError where it is no time span, or too long */
export function secondsOf(duration: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})([mhd])$/.exec(duration) ?? [];
  const seconds = unit === "m" || unit === "h" || unit === "d" ? Number(count) * UNIT_SECONDS[unit] : 0;
  if (seconds === 0 || seconds > LONGEST_SECONDS)
    throw new UsageError(`${duration} is no time for a silence`, "Write 30m, 2h or 3d; 30 days at most.");
  return seconds;
}

/** In amtool's words. @throws UserError where neither a service nor an alert is called so */
export function matcherOf(what: string, services: readonly string[]): string {
  if (services.includes(what)) return `service="${what}"`;
  if (what === watchdog.alert)
    throw new UserError("Watchdog says that alerts arrive: silenced, it would be missed", "Silence what disturbs you.");
  if (ALERT_NAMES.includes(what)) return `alertname="${what}"`;
  const near = nearest(what, [...services, ...ALERT_NAMES]);
  throw new UserError(
    `Neither a service nor an alert is called ${what}`,
    near === undefined ? "`npx rollcall catalog list` and docs/runbooks.md name all." : `Did you mean ${near}?`,
  );
}

/** Pure. */
export function silenceLines(silences: readonly Silence[]): readonly string[] {
  if (silences.length === 0) return ["Nothing is silenced."];
  return silences.map(({ id, matchers, comment, createdBy, endsAt }) => {
    const what = matchers.map(matcherText).join(", ");
    return printable(`${what}  until ${minuteOf(endsAt)}  ${createdBy}: ${comment}  (${id})`);
  });
}

function matcherText({ name, value, isEqual, isRegex }: Silence["matchers"][number]): string {
  const sign = isEqual ? "=" : "!";
  return `${name}${sign}${isRegex ? "~" : isEqual ? "" : "="}${value}`;
}
