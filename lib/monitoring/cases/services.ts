import type { Firing, Series } from "./case.js";
import { AGENT, type Also, REACHABLE } from "./gauge-cases.js";

/** The service that the cases are about. */
export const BILLING = { service: "billing", team: "payments" } as const;

const LABELS = 'service="billing",team="payments"';

/** A series of it, such as `rollcall_service_up{service="billing",team="payments"}`. */
export function ofBilling(metric: string, labels = ""): string {
  return `${metric}{${LABELS}${labels === "" ? "" : `,${labels}`}}`;
}

export const UP = ofBilling("rollcall_service_up");
export const WATCHED = ofBilling("rollcall:service_alert:info", 'severity="page"');

/** How many instances are in a state. */
export function inState(state: string): string {
  return ofBilling("rollcall_service_instances", `state="${state}"`);
}

/** The service is well, and so is all that it depends on. */
export const WELL: Series = {
  [AGENT]: 1,
  [REACHABLE]: 1,
  [WATCHED]: 1,
  [UP]: 1,
  [inState("passing")]: 1,
  [inState("critical")]: 0,
  // Other services, which are well.
  ...others("books", 2, 0),
};

/** So many other services, some of them down. */
export function others(team: string, count: number, down: number): Series {
  const one = (index: number): readonly (readonly [string, number])[] => {
    const labels = `service="${team}-${index}",team="${team}"`;
    return [
      [`rollcall_service_up{${labels}}`, index < down ? 0 : 1],
      [`rollcall_service_instances{${labels},state="critical"}`, index < down ? 1 : 0],
      [`rollcall:service_alert:info{${labels},severity="ticket"}`, 1],
    ];
  };
  return Object.fromEntries(Array.from({ length: count }, (_, index) => one(index)).flat());
}

/** What explains the trouble of a service, each by itself; then somebody else is told. */
export function explained(told: Firing): readonly Also[] {
  return [
    { name: "is not told while nobody sees the servers", series: { [REACHABLE]: 0 }, told: [] },
    { name: "is not told while most services are down", series: others("search", 20, 20), told: [] },
    { name: "is not told while most of its team's services are down", series: others("payments", 4, 4), told: [] },
    {
      name: "is told while most services of another, small team are down",
      series: { ...others("search", 5, 3), ...others("payments", 4, 0) },
      told: [told],
    },
    { name: "is not told where the catalog says so", series: { [WATCHED]: "_x10" }, told: [] },
  ];
}
