import type { RecordCases, Series, Values } from "./case.js";
import { AGENT, REACHABLE } from "./gauge-cases.js";

/*
 * Whole platforms in trouble, under all rules at once: each trouble is told by one alert, and by no other.
 */

const TEAMS = ["books", "payments", "search"] as const;
const EACH = 5;
const NAMES = TEAMS.flatMap((team) =>
  Array.from({ length: EACH }, (_, index) => ({ team, service: `${team}-${index}` })),
);
const SERVERS = [1, 2, 3].map((number) => `consul-server-${number}`);

type Name = (typeof NAMES)[number];

function labels({ team, service }: Name, more = ""): string {
  return `{service="${service}",team="${team}"${more}}`;
}

/** A service in one state, or with what becomes of each. */
function service(name: Name, states: Readonly<Record<string, Values>>, up: Values): Series {
  const all = { passing: 0, critical: 0, missing: 0, maintenance: 0, unknown: 0, ...states };
  return {
    [`rollcall_service_up${labels(name)}`]: up,
    ...Object.fromEntries(
      Object.entries(all).map(([state, values]) => [
        `rollcall_service_instances${labels(name, `,state="${state}"`)}`,
        values,
      ]),
    ),
  };
}

function services(which: (name: Name) => boolean, states: Readonly<Record<string, Values>>, up: Values): Series {
  return Object.assign({}, ...NAMES.filter(which).map((name) => service(name, states, up)));
}

function ofServer(metric: string, server: string, more = ""): string {
  return `${metric}{job="consul-server",server="${server}"${more}}`;
}

function server(name: string, up: number): Series {
  return {
    [ofServer("up", name)]: up,
    [`rollcall_consul_leader{server="${name}"}`]: name === "consul-server-1" ? 1 : 0,
    [ofServer("consul_autopilot_failure_tolerance", name)]: 1,
    [ofServer("consul_server_isLeader", name)]: name === "consul-server-1" ? 1 : 0,
    [ofServer("consul_raft_leader_lastContact", name, ',quantile="0.99"')]: 30,
    [ofServer("consul_raft_state_leader", name)]: 1,
  };
}

const WELL: Series = {
  [AGENT]: 1,
  [REACHABLE]: 1,
  rollcall_gateway_up: 1,
  rollcall_catalog_in_sync: 1,
  rollcall_catalog_refused: 0,
  rollcall_host_cpu_ratio: 0.3,
  rollcall_host_memory_ratio: 0.5,
  rollcall_host_disk_ratio: 0.5,
  rollcall_host_disk_free_bytes: 100_000_000_000,
  'rollcall_certificate_not_after_timestamp_seconds{part="ca"}': 300_000_000,
  "rollcall:consul_servers:count": 3,
  "rollcall:host_cpu_limit:ratio": 0.9,
  "rollcall:host_memory_limit:ratio": 0.9,
  "rollcall:host_disk_limit:ratio": 0.9,
  ...Object.assign({}, ...SERVERS.map((name) => server(name, 1))),
  ...services(() => true, { passing: 1 }, 1),
  ...Object.fromEntries(
    NAMES.flatMap((name) => [
      [`rollcall:service_alert:info${labels(name, ',severity="ticket"')}`, 1],
      [`rollcall:service_burn_limit:ratio${labels(name, ',window="1h"')}`, 0.0144],
      [`rollcall:service_burn_limit:ratio${labels(name, ',window="1d"')}`, 0.003],
      [`probe_success${labels(name, ',job="rollcall-probes"')}`, 1],
    ]),
  ),
};

/** No value at all: the monitor does not run. */
const NO_MONITOR: Series = Object.fromEntries(
  Object.keys(WELL)
    .filter((name) => name.startsWith("rollcall_"))
    .map((name) => [name, "_x5"]),
);

const GONE = 600;
const [FIRST] = NAMES;
// Consul drops it after 90 s, and it is put back 30 s later, again and again.
const DROPPED: Values = `1x9 ${"0x5 1x1 ".repeat(8)}`;
const BETWEEN: Values = `0x9 ${"1x5 0x1 ".repeat(8)}`;

function trouble(name: string, series: Series, told: Readonly<Record<string, number>>): RecordCases["cases"][number] {
  const samples = Object.entries(told).map(([alert, count]) => [`{alertname="${alert}"}`, count]);
  return {
    name,
    series: { ...WELL, ...series },
    checks: [
      {
        at: GONE,
        record: 'count by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"})',
        samples: Object.fromEntries(samples),
      },
    ],
  };
}

/** What is told of each trouble ten minutes after it began. */
export const ONE_CAUSE: RecordCases = {
  name: "one-cause",
  step: 15,
  cases: [
    trouble("a quiet platform tells nothing", {}, {}),
    trouble(
      "one service is down, dropped and put back",
      service(FIRST ?? { team: "books", service: "books-0" }, { critical: DROPPED, missing: BETWEEN }, 0),
      {
        ServiceDown: 1,
      },
    ),
    trouble(
      "a team is down",
      services(({ team }) => team === "search", { critical: 1 }, 0),
      { TeamDown: 1 },
    ),
    trouble(
      "all services are down",
      services(() => true, { critical: 1 }, 0),
      { ManyServicesDown: 1 },
    ),
    trouble(
      "the agent is lost, and nobody knows how the services are",
      { [AGENT]: 0, rollcall_catalog_in_sync: 0, ...services(() => true, { unknown: 1 }, 0) },
      { AgentDown: 1 },
    ),
    trouble("the monitor is gone", NO_MONITOR, { PlatformBlind: 1 }),
    trouble(
      "a server is lost: the others have none to spare, and their figures grow",
      {
        ...server("consul-server-3", 0),
        [ofServer("consul_autopilot_failure_tolerance", "consul-server-1")]: 0,
        [ofServer("consul_raft_leader_lastContact", "consul-server-1", ',quantile="0.99"')]: "20+1000x50",
      },
      { ServerDown: 1 },
    ),
    trouble(
      "two servers are lost, and with them the leader",
      {
        ...server("consul-server-1", 0),
        ...server("consul-server-3", 0),
        ...Object.fromEntries(SERVERS.map((name) => [`rollcall_consul_leader{server="${name}"}`, 0])),
        [ofServer("consul_autopilot_failure_tolerance", "consul-server-2")]: 0,
        [ofServer("consul_raft_state_leader", "consul-server-2")]: 2,
        rollcall_gateway_up: 0,
      },
      { NoLeader: 1 },
    ),
    trouble(
      "all servers are lost",
      {
        ...Object.assign({}, ...SERVERS.map((name) => server(name, 0))),
        ...NO_MONITOR,
        [REACHABLE]: 0,
        rollcall_gateway_up: 0,
      },
      { ServerDown: 3 },
    ),
    trouble("a value is refused", { rollcall_catalog_refused: 1, rollcall_catalog_in_sync: 0 }, { ValueRefused: 1 }),
  ],
};
