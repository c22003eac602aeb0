import { manyServicesDown } from "../alerts/many-services-down.js";
import { teamDown } from "../alerts/team-down.js";
import type { AlertCases, Series } from "./case.js";
import { AGENT, firing, gaugeCases, REACHABLE } from "./gauge-cases.js";
import { others } from "./services.js";

const SEEN: Series = { [AGENT]: 1, [REACHABLE]: 1 };
const BLIND = { name: "is not told while nobody sees the servers", series: { [REACHABLE]: 0 }, told: [] };

/** Several teams with that many services, and so many of each that are down. */
function teams(count: number, size: number, down: number): Series {
  return Object.assign({}, ...Array.from({ length: count }, (_, team) => others(`team${team}`, size, down)));
}

/** What differs between two worlds, as the second has it. */
function change(calm: Series, trouble: Series): Series {
  return Object.fromEntries(Object.entries(trouble).filter(([name, values]) => calm[name] !== values));
}

const isMany = firing(
  manyServicesDown,
  { scope: "platform", severity: "page" },
  "60% of all services are down",
  "So many services do not fail one by one: look for what they share, such as a network, a host or a database. Down: team0-0 team0-1 team0-2 team1-0 team1-1 team1-2 ",
);

const many = gaugeCases({
  alert: manyServicesDown,
  calm: { ...SEEN, ...teams(2, 5, 0) },
  trouble: change(teams(2, 5, 0), teams(2, 5, 3)),
  told: isMany,
  nearly: { ...teams(1, 5, 5) },
  agentGone: "explained",
  also: [BLIND],
});

const isTeam = firing(
  teamDown,
  { team: "search", scope: "service", severity: "page" },
  "66.67% of the services of search are down",
  "Look for what the services of search share, such as a deployment or a database. Down: search-0 search-1 ",
);

const team = gaugeCases({
  alert: teamDown,
  calm: { ...SEEN, ...others("search", 3, 0), ...others("books", 4, 2) },
  trouble: change(others("search", 3, 0), others("search", 3, 2)),
  told: isTeam,
  nearly: others("search", 3, 1),
  agentGone: "explained",
  also: [
    BLIND,
    { name: "is not told while most services of all are down", series: teams(4, 5, 5), told: [] },
    { name: "is told while fewer are", series: teams(4, 5, 2), told: [isTeam] },
  ],
});

/** Several services at once. */
export const MANY_SERVICES: readonly AlertCases[] = [many, team];
