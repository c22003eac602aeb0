import { BY_SERVICE, instances, SERVICE_UP, unless } from "../promql.js";
import type { RecordRule } from "../rule.js";
import { CONSTANTS } from "./constants.js";

/** Who is down, and how many that are: what the alerts of services begin with. */
export const AVAILABILITY = {
  /** 1 for each service that is down and that somebody is told about; not where it is all in maintenance. */
  down: "service:down:info",
  watched: "rollcall:services_watched:count",
  downRatio: "rollcall:services_down:ratio",
  teamWatched: "team:services_watched:count",
  teamDownRatio: "team:services_down:ratio",
  /** There while more than half of at least ten services are down: one cause, told by ManyServicesDown. */
  many: "rollcall:many_services_down:info",
  /** There for a team of at least three services with more than half of them down: told by TeamDown. */
  teamMany: "team:many_services_down:info",
} as const;

const WATCHED = `(${SERVICE_UP} and ${BY_SERVICE} ${CONSTANTS.serviceAlert})`;

/** Evaluated just before the alerts that use them. */
export const availabilityRecords: readonly RecordRule[] = [
  {
    record: AVAILABILITY.down,
    expr: unless(
      `(${SERVICE_UP} == 0) + ${BY_SERVICE} group_left (severity) ${CONSTANTS.serviceAlert}`,
      `${BY_SERVICE} (${instances("critical|missing|unknown")} == 0)`,
    ),
  },
  { record: AVAILABILITY.watched, expr: `count(${WATCHED})` },
  {
    record: AVAILABILITY.downRatio,
    expr: `(count(${AVAILABILITY.down}) or vector(0)) / ${AVAILABILITY.watched}`,
  },
  { record: AVAILABILITY.teamWatched, expr: `count by (team) (${WATCHED})` },
  {
    record: AVAILABILITY.teamDownRatio,
    expr: `count by (team) (${AVAILABILITY.down}) / ${AVAILABILITY.teamWatched}`,
  },
  {
    record: AVAILABILITY.many,
    expr: `${AVAILABILITY.downRatio} > 0.5 and ${AVAILABILITY.watched} >= 10`,
  },
  {
    record: AVAILABILITY.teamMany,
    expr: `${AVAILABILITY.teamDownRatio} > 0.5 and ${AVAILABILITY.teamWatched} >= 3`,
  },
];
