import { AGENT_LOST, BLIND, BY_SERVICE, unless } from "../promql.js";
import { AVAILABILITY } from "../records/availability.js";
import { CONSTANTS } from "../records/constants.js";

/** Without the services whose trouble another alert explains: the agent, no view of the platform, too many at once. */
export function unexplained(expr: string): string {
  return unless(
    expr,
    `on () ${AGENT_LOST}`,
    `on () ${BLIND}`,
    `on () ${AVAILABILITY.many}`,
    `on (team) ${AVAILABILITY.teamMany}`,
  );
}

/** The same, for the services that somebody is told about. */
export function ofWatched(expr: string): string {
  return unexplained(`${expr}\nand ${BY_SERVICE} ${CONSTANTS.serviceAlert}`);
}

/** The same with the severity that the catalog gives the service, as the label `severity`. */
export function asDeclared(expr: string): string {
  return unexplained(`(${expr})\n* ${BY_SERVICE} group_left (severity) ${CONSTANTS.serviceAlert}`);
}
