import { commitSlow } from "../alerts/commit-slow.js";
import { elections } from "../alerts/elections.js";
import { faultToleranceLost } from "../alerts/fault-tolerance-lost.js";
import { lastContactHigh } from "../alerts/last-contact-high.js";
import { noLeader } from "../alerts/no-leader.js";
import { serverDown } from "../alerts/server-down.js";
import { targetsMissing } from "../alerts/targets-missing.js";
import { twoLeaders } from "../alerts/two-leaders.js";
import type { AlertCases, Series } from "./case.js";
import { AGENT, firing, gaugeCases, REACHABLE } from "./gauge-cases.js";

const STEP = 15;
const PAGE = { scope: "cluster", severity: "page" } as const;
const TICKET = { scope: "cluster", severity: "ticket" } as const;
const SERVERS = "rollcall:consul_servers:count";

function up(server: number): string {
  return `up{job="consul-server",server="consul-server-${server}"}`;
}

function leads(server: number): string {
  return `rollcall_consul_leader{server="consul-server-${server}"}`;
}

function ofServer(metric: string, server: number, labels = ""): string {
  return `${metric}{job="consul-server",server="consul-server-${server}"${labels}}`;
}

const WELL: Series = {
  [AGENT]: 1,
  [REACHABLE]: 1,
  [SERVERS]: 3,
  [up(1)]: 1,
  [up(2)]: 1,
  [up(3)]: 1,
  [leads(1)]: 0,
  [leads(2)]: 1,
  [leads(3)]: 0,
  // What is no server of ours may be down.
  'up{job="other",server="x"}': 0,
};

const serverLost = { name: "is not told while a server is away", series: { [up(3)]: 0 }, told: [] };
const leaderless = { name: "is not told while there is no leader", series: { [leads(2)]: 0 }, told: [] };

const isServerDown = firing(
  serverDown,
  { ...PAGE, server: "consul-server-3" },
  "Consul server consul-server-3 does not answer",
  "consul-server-3 cannot be asked for its metrics. The others go on, with one less to lose: of three servers the next loss stops all writes.",
);

const server = gaugeCases({
  alert: serverDown,
  step: STEP,
  calm: WELL,
  trouble: { [up(3)]: 0 },
  told: isServerDown,
  nearly: {},
  agentGone: "told",
  also: [
    leaderless,
    { name: "is told without the monitor", series: { [REACHABLE]: "_x10", [leads(2)]: "_x10" }, told: [isServerDown] },
  ],
});

const areMissing = firing(
  targetsMissing,
  PAGE,
  "Prometheus knows 2 Consul servers, not as many as there are",
  "Prometheus' list of Consul servers is not the platform's. A server that is not in it can fail unnoticed.",
);

const targets = gaugeCases({
  alert: targetsMissing,
  step: STEP,
  calm: { ...WELL, 'up{job="other"}': 1 },
  trouble: { [up(3)]: [[undefined, 3600]] },
  told: areMissing,
  nearly: { [up(3)]: 0 },
  gone: [SERVERS],
  agentGone: "told",
  also: [
    {
      name: "is told where no server is known at all",
      series: { [up(1)]: "_x10", [up(2)]: "_x10", [up(3)]: "_x10" },
      told: [
        firing(
          targetsMissing,
          PAGE,
          "Prometheus knows 0 Consul servers, not as many as there are",
          "Prometheus' list of Consul servers is not the platform's. A server that is not in it can fail unnoticed.",
        ),
      ],
    },
  ],
});

const hasNone = firing(
  noLeader,
  PAGE,
  "Consul has no leader",
  "The Consul servers have no leader, so nothing can be registered or changed. Discovery still answers, with what was true before.",
);

const none = gaugeCases({
  alert: noLeader,
  step: 5,
  calm: WELL,
  trouble: { [leads(2)]: 0 },
  told: hasNone,
  nearly: { [leads(1)]: 1, [leads(2)]: 0 },
  gone: [REACHABLE, leads(1), leads(3)],
  agentGone: "told",
  also: [
    { name: "is told where no server says anything of a leader", series: { [leads(2)]: "_x10" }, told: [hasNone] },
    { name: "is not told while no server can be asked", series: { [REACHABLE]: 0 }, told: [] },
  ],
});

const isLeader = (server: number) => ofServer("consul_server_isLeader", server);

const two = gaugeCases({
  alert: twoLeaders,
  step: STEP,
  calm: { ...WELL, [isLeader(1)]: 1, [isLeader(2)]: 0 },
  trouble: { [isLeader(2)]: 1 },
  told: firing(
    twoLeaders,
    PAGE,
    "2 Consul servers call themselves leader",
    "More than one Consul server believes that it leads, for longer than a hand-over takes. The servers are likely cut off from each other.",
  ),
  nearly: {},
  gone: [isLeader(1)],
  agentGone: "told",
});

const tolerance = (server: number) => ofServer("consul_autopilot_failure_tolerance", server);
const isLost = firing(
  faultToleranceLost,
  PAGE,
  "No further Consul server may fail",
  "All Consul servers answer, but the leader does not count enough of them as healthy. The next one that fails stops all writes.",
);

const fault = gaugeCases({
  alert: faultToleranceLost,
  step: STEP,
  calm: { ...WELL, [tolerance(1)]: 1, [tolerance(2)]: 1 },
  trouble: { [tolerance(2)]: 0 },
  told: isLost,
  nearly: {},
  gone: [tolerance(1)],
  agentGone: "told",
  also: [
    serverLost,
    leaderless,
    { name: "is told without the monitor", series: { [REACHABLE]: "_x10", [leads(2)]: "_x10" }, told: [isLost] },
    { name: "is not told of two servers, which have none to lose", series: { [SERVERS]: 2 }, told: [] },
  ],
});

const contact = ofServer("consul_raft_leader_lastContact", 1, ',quantile="0.99"');
const isHigh = firing(
  lastContactHigh,
  TICKET,
  "Consul servers hear late from their leader",
  "A follower waited 201 ms for its leader; 200 is much. From 500 on elections begin.",
);

const last: AlertCases = {
  ...gaugeCases({
    alert: lastContactHigh,
    step: STEP,
    calm: { ...WELL, [contact]: 20, [ofServer("consul_raft_leader_lastContact", 1, ',quantile="0.9"')]: 300 },
    trouble: { [contact]: 201 },
    told: isHigh,
    nearly: { [contact]: 200 },
    agentGone: "told",
    also: [serverLost],
  }),
  fires: {
    name: "is told once it has lasted, though the figure is not there at every scrape",
    series: { ...WELL, [contact]: "20x3 201 NaN+0x4 201 NaN+0x4 201 NaN+0x4 20x40" },
    checks: [
      { at: 165, firing: [] },
      { at: 180, firing: [isHigh] },
      { at: 345, firing: [isHigh] },
      { at: 360, firing: [] },
    ],
  },
};

const led = ofServer("consul_raft_state_leader", 1);

const elected: AlertCases = {
  alert: elections,
  step: STEP,
  fires: {
    name: "is told after four elections, and ten minutes later no more",
    series: { ...WELL, [led]: "0x40 1x1 2x1 3x1 4x80" },
    checks: [
      { at: 600, firing: [] },
      {
        at: 900,
        firing: [
          firing(
            elections,
            TICKET,
            "Consul elected a leader again and again",
            "The Consul servers elected 4 leaders in 10 minutes. Each one stops writes for some seconds; a slow disk or network is the usual cause.",
          ),
        ],
      },
      { at: 1320, firing: [] },
    ],
  },
  silent: {
    name: "is not told of the elections that a hand-over takes",
    series: { ...WELL, [led]: "0x40 1x1 2x1 3x80" },
    checks: [{ at: 900, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 900, firing: [] }] },
  agentGone: {
    name: "is not told of the agent",
    series: { ...WELL, [AGENT]: 0, [led]: 3 },
    checks: [{ at: 900, firing: [] }],
  },
  more: [],
};

const sum = ofServer("consul_raft_commitTime_sum", 1);
const count = ofServer("consul_raft_commitTime_count", 1);
const isSlow = firing(
  commitSlow,
  TICKET,
  "Consul commits slowly",
  "A write in Consul takes 51 ms on average until a majority of the servers has it; 50 is much. A busy disk is the usual cause.",
);
const isSlowIn = (ms: string) => ({
  ...isSlow,
  annotations: { ...isSlow.annotations, description: isSlow.annotations.description?.replace("51", ms) ?? "" },
});

/** A counter that grows for ten scrapes and rests for ten. */
function bursts(by: number, isFirst: boolean): string {
  const turns = Array.from({ length: 8 }, (_, turn) => {
    const value = turn * 10 * by;
    return isFirst ? `${value + by}+${by}x9 ${value + 10 * by}x9` : `${value}x9 ${value + by}+${by}x9`;
  });
  return turns.join(" ");
}

const IDLE = { [ofServer("consul_raft_commitTime_sum", 2)]: 0, [ofServer("consul_raft_commitTime_count", 2)]: 0 };

const commit: AlertCases = {
  alert: commitSlow,
  step: STEP,
  fires: {
    name: "is told once it has lasted",
    series: { ...WELL, ...IDLE, [sum]: "0x40 0+510x80", [count]: "0x40 0+10x80" },
    checks: [
      { at: 915, firing: [] },
      { at: 930, firing: [isSlow] },
    ],
  },
  silent: {
    name: "is not told before it is as slow as that",
    series: { ...WELL, ...IDLE, [sum]: "0+750x80", [count]: "0+15x80" },
    checks: [{ at: 900, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 900, firing: [] }] },
  agentGone: {
    name: "is told without the agent, too",
    series: { ...WELL, [AGENT]: 0, [sum]: "0+510x80", [count]: "0+10x80" },
    checks: [{ at: 900, firing: [isSlow] }],
  },
  more: [
    {
      name: "is told of bursts, in which the sum and the number grow by turns",
      series: { ...WELL, [sum]: bursts(1200, true), [count]: bursts(20, false) },
      checks: [{ at: 1200, firing: [isSlowIn("54")] }],
    },
    {
      name: "is told of the last five minutes alone",
      series: { ...WELL, [sum]: "0+510x40 20400+100x80", [count]: "0+10x120" },
      checks: [
        { at: 600, firing: [isSlow] },
        { at: 630, firing: [] },
      ],
    },
  ],
};

/** The Consul servers. */
export const CLUSTER: readonly AlertCases[] = [server, targets, none, two, fault, last, elected, commit];
