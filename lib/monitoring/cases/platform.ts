import { aclBlocked } from "../alerts/acl-blocked.js";
import { agentDown } from "../alerts/agent-down.js";
import { gatewayDown } from "../alerts/gateway-down.js";
import { outOfSync } from "../alerts/out-of-sync.js";
import { platformBlind } from "../alerts/platform-blind.js";
import { valueRefused } from "../alerts/value-refused.js";
import { watchdog } from "../alerts/watchdog.js";
import type { AlertCases, Series } from "./case.js";
import { AGENT, firing, gaugeCases, REACHABLE } from "./gauge-cases.js";

const PAGE = { scope: "platform", severity: "page" } as const;
const TICKET = { scope: "platform", severity: "ticket" } as const;
const LEADER = 'rollcall_consul_leader{server="consul-server-1"}';
const SERVERS = [1, 2].map((server) => `up{job="consul-server",server="consul-server-${server}"}`);
const WELL: Series = {
  [AGENT]: 1,
  [REACHABLE]: 1,
  [LEADER]: 1,
  ...Object.fromEntries(SERVERS.map((server) => [server, 1])),
};

const isGone = firing(
  agentDown,
  { ...PAGE, node: "agent" },
  "The agent agent is gone",
  "The servers do not reach the agent that checks the services. Discovery hands out none of its services, though they may all run.",
);

const agent = gaugeCases({
  alert: agentDown,
  calm: { ...WELL, 'rollcall_agent_up{node="other"}': 1 },
  trouble: { [AGENT]: 0 },
  told: isGone,
  nearly: {},
  gone: ['rollcall_agent_up{node="other"}'],
  agentGone: "told",
});

const isBlind = firing(
  platformBlind,
  PAGE,
  "Nobody sees how the services are",
  "The monitor is gone, or no Consul server answers it. The services may be well or not: no other alert of a service can come until this is over.",
);

const blind: AlertCases = {
  ...gaugeCases({
    alert: platformBlind,
    calm: { ...WELL, 'up{job="other"}': 0 },
    trouble: { [REACHABLE]: 0 },
    told: isBlind,
    nearly: {},
    agentGone: "told",
    also: [
      {
        name: "is not told while all servers are away, which is told of each of them",
        series: Object.fromEntries(SERVERS.map((server) => [server, 0])),
        told: [],
      },
      { name: "is told while one of them is away", series: { [SERVERS[0] ?? ""]: 0 }, told: [isBlind] },
    ],
  }),
  absent: {
    name: "is told where nothing is known: that is what it is for",
    series: {},
    checks: [
      { at: 25, firing: [] },
      { at: 30, firing: [isBlind] },
    ],
  },
};

const isClosed = firing(
  gatewayDown,
  PAGE,
  "The gateway does not answer",
  "UI, API and `rollcall up` go through the gateway (consul-ui), which does not answer. The services find each other as before.",
);

const gateway = gaugeCases({
  alert: gatewayDown,
  step: 15,
  calm: { ...WELL, rollcall_gateway_up: 1 },
  trouble: { rollcall_gateway_up: 0 },
  told: isClosed,
  nearly: {},
  agentGone: "told",
  also: [
    { name: "is not told while no server can be asked", series: { [REACHABLE]: 0 }, told: [] },
    { name: "is not told while there is no leader", series: { [LEADER]: 0 }, told: [] },
  ],
});

const MISSING = 'rollcall_service_instances{service="billing",team="payments",state="missing"}';
const CRITICAL = 'rollcall_service_instances{service="billing",team="payments",state="critical"}';

const differs = firing(
  outOfSync,
  TICKET,
  "Consul has services that nobody declared",
  "What is registered is not what the catalog declares. Nothing declared is missing and nothing is refused, so something is registered that the catalog does not have.",
);

const sync = gaugeCases({
  alert: outOfSync,
  step: 15,
  calm: { ...WELL, rollcall_catalog_in_sync: 1, rollcall_catalog_refused: 0, [MISSING]: 0, [CRITICAL]: 1 },
  trouble: { rollcall_catalog_in_sync: 0 },
  told: differs,
  nearly: {},
  agentGone: "explained",
  also: [
    { name: "is not told while nobody sees the servers", series: { [REACHABLE]: 0 }, told: [] },
    { name: "is not told of a value that is refused", series: { rollcall_catalog_refused: 1 }, told: [] },
    { name: "is not told of a service that is missing", series: { [MISSING]: 1 }, told: [] },
  ],
});

const isRefused = firing(
  valueRefused,
  TICKET,
  "1 values of the catalog are refused",
  "A value below catalog/ in Consul KV is no service definition. Its service stays as it was, and no other one is touched.",
);

const refused = gaugeCases({
  alert: valueRefused,
  step: 15,
  calm: { ...WELL, rollcall_catalog_refused: 0 },
  trouble: { rollcall_catalog_refused: 1 },
  told: isRefused,
  nearly: {},
  agentGone: "told",
});

const isBlocked = firing(
  aclBlocked,
  TICKET,
  "Consul refuses registrations for lack of a right",
  "In the last 15 minutes the agent was refused a service or a check because its token lacks the right. What was refused is not found by anybody.",
);
const SERVICES = 'consul_acl_blocked_service_registration{job="consul-agent"}';
const CHECKS = 'consul_acl_blocked_check_registration{job="consul-agent"}';

const blocked: AlertCases = {
  alert: aclBlocked,
  step: 15,
  fires: {
    name: "is told of a service at the first refusal, and for 15 minutes",
    series: { ...WELL, [SERVICES]: "0x80 1x100" },
    checks: [
      { at: 1200, firing: [] },
      { at: 1215, firing: [isBlocked] },
      { at: 2085, firing: [isBlocked] },
      { at: 2100, firing: [] },
    ],
  },
  silent: {
    name: "is not told of what was refused long ago",
    series: { ...WELL, [SERVICES]: 7, [CHECKS]: 7 },
    checks: [{ at: 1215, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 1215, firing: [] }] },
  agentGone: {
    name: "is told without the agent, too",
    series: { ...WELL, [AGENT]: 0, [CHECKS]: "0x80 1x100" },
    checks: [{ at: 1215, firing: [isBlocked] }],
  },
  more: [
    {
      name: "is told of a check at the first refusal, and for 15 minutes",
      series: { ...WELL, [CHECKS]: "0x80 1x100" },
      checks: [
        { at: 1200, firing: [] },
        { at: 1215, firing: [isBlocked] },
        { at: 2085, firing: [isBlocked] },
        { at: 2100, firing: [] },
      ],
    },
    ...[SERVICES, CHECKS].map((counter) => ({
      name: `is told of the first refusal of all, which brings the counter: ${counter}`,
      series: { ...WELL, [counter]: "_x80 1x100" },
      checks: [
        { at: 1185, firing: [] },
        { at: 1200, firing: [isBlocked] },
        { at: 2085, firing: [isBlocked] },
        { at: 2100, firing: [] },
      ],
    })),
    ...[SERVICES, CHECKS].map((counter) => ({
      name: `is not told of a counter that is there and has counted nothing: ${counter}`,
      series: { ...WELL, [counter]: "_x80 0x100" },
      checks: [{ at: 1500, firing: [] }],
    })),
  ],
};

const arrives = firing(
  watchdog,
  { scope: "platform", severity: "none" },
  "Alerts arrive",
  "This alert is always there. Send it to somebody who notices when it stops: then no other alert arrives either.",
);
const always = (name: string, series: Series) => ({ name, series, checks: [{ at: 5, firing: [arrives] }] });

/** It has no silent case: that it is never silent is what it is for. */
const dog: AlertCases = {
  alert: watchdog,
  step: 5,
  fires: always("is there", WELL),
  silent: always("is there while another alert is told", { ...WELL, rollcall_gateway_up: 0 }),
  absent: always("is there where nothing is known", {}),
  agentGone: always("is there without the agent", { ...WELL, [AGENT]: 0 }),
  more: [],
};

/** The agent, the view of the platform, the gateway, the catalog in Consul. */
export const PLATFORM: readonly AlertCases[] = [agent, blind, gateway, sync, refused, blocked, dog];
