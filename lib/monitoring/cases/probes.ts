import { probeFailures } from "../alerts/probe-failures.js";
import { serviceSlow } from "../alerts/service-slow.js";
import { serviceSlower } from "../alerts/service-slower.js";
import type { AlertCases, Case, Firing, Series } from "./case.js";
import { AGENT, firing } from "./gauge-cases.js";
import { BILLING, inState, ofBilling, UP, WATCHED, WELL } from "./services.js";

const TICKET = { ...BILLING, scope: "service", severity: "ticket" } as const;

const OURS = 'job="rollcall-probes",id="billing"';
const DURATION = ofBilling("probe_duration_seconds", OURS);
const SUCCESS = ofBilling("probe_success", OURS);
const LIMIT = ofBilling("rollcall:service_latency_limit:seconds");
const GONE: Series = { [AGENT]: 0, [UP]: 0, [inState("passing")]: 0, [inState("unknown")]: 1 };

/** What explains the trouble of a service is told in its place. The records behind it come from another group. */
function explained(series: Series, at: number): readonly Case[] {
  const silent = (name: string, other: Series): Case => ({
    name,
    series: { ...series, ...other },
    checks: [{ at, firing: [] }],
  });
  return [
    silent("is not told while the agent is lost", { [AGENT]: 0 }),
    silent("is not told while nobody sees the servers", { rollcall_consul_reachable: 0 }),
    silent("is not told while most services are down", { "rollcall:many_services_down:info": 1 }),
    silent("is not told while most of its team's services are down", {
      'team:many_services_down:info{team="payments"}': 1,
    }),
    silent("is not told where the catalog says so", { [WATCHED]: "_x10" }),
    silent("is not told of a service that is down", { [UP]: 0 }),
  ];
}

function told(told: Firing, series: Series, at: number): Case {
  return {
    name: "is told while most services of another team are down",
    series: { ...series, 'team:many_services_down:info{team="search"}': 1 },
    checks: [{ at, firing: [told] }],
  };
}

const isSlow = firing(
  serviceSlow,
  TICKET,
  "billing answers in 310ms",
  "One probe in twenty of billing takes at least as long as that, for 10 minutes by now; the catalog allows less.",
);
// The limit is 0.3: of 20 probes two are beyond it, and one alone would not be one in twenty.
const SLOW = { ...WELL, [LIMIT]: 0.3, [DURATION]: 0.31 };

const slow: AlertCases = {
  alert: serviceSlow,
  step: 15,
  fires: {
    name: "is told once it has lasted, and no longer than the last slow probes count",
    series: { ...WELL, [LIMIT]: 0.3, [DURATION]: "0.1x40 0.31x40 0.1x80" },
    checks: [
      { at: 915, firing: [] },
      { at: 930, firing: [isSlow] },
      { at: 1485, firing: [isSlow] },
      { at: 1500, firing: [] },
    ],
  },
  silent: {
    name: "is not told at its limit, nor of one slow probe in a hundred",
    series: { ...WELL, [LIMIT]: 0.3, [DURATION]: `0.3x40 ${"0.31 0.1x98 ".repeat(2)}` },
    checks: [
      { at: 600, firing: [] },
      { at: 1500, firing: [] },
    ],
  },
  absent: {
    name: "is not told where nothing is known",
    series: { ...WELL, [LIMIT]: 0.3 },
    checks: [{ at: 600, firing: [] }],
  },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...SLOW, ...GONE },
    checks: [{ at: 600, firing: [] }],
  },
  more: [
    ...explained(SLOW, 600),
    told(isSlow, SLOW, 600),
    { name: "is not told without a limit", series: { ...WELL, [DURATION]: 9 }, checks: [{ at: 600, firing: [] }] },
  ],
};

const WEEK = 7 * 86_400;
const STEP = 1800;
const LATER = WEEK / STEP;
const isSlower = firing(
  serviceSlower,
  TICKET,
  "billing is twice as slow as a week ago",
  "One probe in twenty of billing took at least 210ms in the last hour, more than twice what it was at this time a week ago.",
);
function isSlowerBy(duration: string): Firing {
  const { description = "" } = isSlower.annotations;
  return { ...isSlower, annotations: { ...isSlower.annotations, description: description.replace("210ms", duration) } };
}
/** Slower from the second day on, so that a week later the day before was as slow. */
const SLOWER = { ...WELL, [DURATION]: `0.1x47 0.21x${LATER + 20}` };

const slower: AlertCases = {
  alert: serviceSlower,
  step: STEP,
  fires: {
    name: "is told once an hour was twice as slow for half an hour",
    series: SLOWER,
    checks: [
      { at: WEEK, firing: [] },
      { at: WEEK + STEP, firing: [isSlower] },
      { at: WEEK + 60 * STEP, firing: [] },
    ],
  },
  silent: {
    name: "is not told of what is twice as slow exactly, nor of what nobody feels",
    series: {
      ...WELL,
      [DURATION]: `0.15x${LATER - 1} 0.3x9`,
      'probe_duration_seconds{job="rollcall-probes",service="quick",team="payments"}': `0.05x${LATER - 1} 0.2x9`,
      'rollcall_service_up{service="quick",team="payments"}': 1,
      'rollcall:service_alert:info{service="quick",team="payments",severity="page"}': 1,
    },
    checks: [{ at: WEEK + 4 * STEP, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: WEEK + STEP, firing: [] }] },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...SLOWER, ...GONE },
    checks: [{ at: WEEK + 4 * STEP, firing: [] }],
  },
  more: [
    ...explained(SLOWER, WEEK + 4 * STEP),
    told(isSlower, SLOWER, WEEK + 4 * STEP),
    {
      name: "is told of an hour against an hour, not of the minutes in which it was looked at",
      series: { ...WELL, [DURATION]: `${"0.27 0.1 ".repeat(LATER / 2)}${"0.1 0.55 ".repeat(4)}` },
      checks: [{ at: WEEK + 4 * STEP, firing: [isSlowerBy("527.5ms")] }],
    },
    {
      name: "is not told in the first week",
      series: { ...WELL, [DURATION]: "0.1x9 0.5x9" },
      checks: [{ at: 16 * STEP, firing: [] }],
    },
  ],
};

const fails = firing(
  probeFailures,
  TICKET,
  "15% of the probes of billing fail",
  "Consul's own check of billing passes, probes from outside fail now and then: callers may see the same.",
);
const failsLess = {
  ...fails,
  annotations: { ...fails.annotations, summary: "12.5% of the probes of billing fail" },
};
// Of 20 probes in five minutes three fail, again and again.
const THREE = "0x2 1x16 ".repeat(10);
const FAILING = { ...WELL, [SUCCESS]: THREE };

const failures: AlertCases = {
  alert: probeFailures,
  step: 15,
  fires: {
    name: "is told once it has lasted, and no longer than failed probes count",
    series: { ...WELL, [SUCCESS]: `1x39 ${THREE} 1x60` },
    checks: [
      { at: 900, firing: [] },
      { at: 1200, firing: [fails] },
      { at: 3870, firing: [] },
    ],
  },
  silent: {
    name: "is not told of two in twenty",
    series: { ...WELL, [SUCCESS]: "0x1 1x17 ".repeat(10) },
    checks: [{ at: 1200, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 1200, firing: [] }] },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...FAILING, ...GONE },
    checks: [{ at: 1200, firing: [] }],
  },
  more: [
    ...explained(FAILING, 1200),
    told(fails, FAILING, 1200),
    {
      name: "is told of five in forty of two instances",
      series: { ...FAILING, [ofBilling("probe_success", 'job="rollcall-probes",id="second"')]: "0x1 1x17 ".repeat(10) },
      checks: [{ at: 1200, firing: [failsLess] }],
    },
  ],
};

/** What probes from outside say. */
export const PROBES_FROM_OUTSIDE: readonly AlertCases[] = [slow, slower, failures];
