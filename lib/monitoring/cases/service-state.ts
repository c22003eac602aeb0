import { serviceDegraded } from "../alerts/service-degraded.js";
import { serviceDown } from "../alerts/service-down.js";
import { serviceFlapping } from "../alerts/service-flapping.js";
import { serviceMissing } from "../alerts/service-missing.js";
import type { AlertCases } from "./case.js";
import { AGENT, firing, gaugeCases } from "./gauge-cases.js";
import { BILLING, explained, inState, ofBilling, others, UP, WATCHED, WELL } from "./services.js";

const OWNER = ofBilling("rollcall:service_owner:info", 'owner="Ada"');
const RUNBOOK = ofBilling("rollcall:service_runbook:info", 'url="https://wiki.example/billing"');
const DOWN = { [UP]: 0, [inState("critical")]: 1, [inState("passing")]: 0 };

const isDown = firing(
  serviceDown,
  { ...BILLING, scope: "service", severity: "page" },
  "billing is down",
  "No instance of billing passes its checks, so discovery hands out none and requests to it fail. Owner: Ada. Its own runbook: https://wiki.example/billing",
);

const down = gaugeCases({
  alert: serviceDown,
  calm: { ...WELL, [OWNER]: 1, [RUNBOOK]: 1, ...others("payments", 2, 0) },
  trouble: DOWN,
  told: isDown,
  nearly: { [inState("critical")]: 1, [inState("warning")]: 1 },
  agentGone: "explained",
  also: [
    ...explained(isDown),
    {
      name: "is not told in maintenance of all its instances",
      series: { [inState("critical")]: 0, [inState("maintenance")]: 2 },
      told: [],
    },
    {
      name: "is told of what is declared and not registered",
      series: { [inState("critical")]: 0, [inState("missing")]: 1 },
      told: [isDown],
    },
    {
      name: "is told of what nobody can say anything about, though its agent is there",
      series: { [inState("critical")]: 0, [inState("unknown")]: 1 },
      told: [isDown],
    },
    {
      name: "is told as the catalog weighs it, and without what the catalog does not name",
      series: {
        [WATCHED]: "_x10",
        [ofBilling("rollcall:service_alert:info", 'severity="ticket"')]: 1,
        [OWNER]: "_x10",
        [RUNBOOK]: "_x10",
      },
      told: [
        firing(
          serviceDown,
          { ...BILLING, scope: "service", severity: "ticket" },
          "billing is down",
          "No instance of billing passes its checks, so discovery hands out none and requests to it fail.",
        ),
      ],
    },
  ],
});

const TICKET = { ...BILLING, scope: "service", severity: "ticket" } as const;

const isDegraded = firing(
  serviceDegraded,
  TICKET,
  "billing has lost 2 of its instances",
  "billing still answers, with fewer instances than declared: the next loss may take it down.",
);

const degraded = gaugeCases({
  alert: serviceDegraded,
  calm: { ...WELL, [inState("missing")]: 0 },
  trouble: { [inState("critical")]: 2 },
  told: isDegraded,
  nearly: { [inState("warning")]: 2 },
  agentGone: "explained",
  also: [
    ...explained(isDegraded),
    { name: "is not told of a service that is down", series: { [UP]: 0 }, told: [] },
    {
      name: "is told of one instance",
      series: { [inState("critical")]: 1 },
      told: [
        { ...isDegraded, annotations: { ...isDegraded.annotations, summary: "billing has lost 1 of its instances" } },
      ],
    },
    {
      name: "is told while Consul drops the dead instance and it is put back",
      series: {
        [inState("critical")]: [
          [2, 60],
          [0, 75],
          [2, 60],
        ],
        [inState("missing")]: [
          [0, 60],
          [2, 75],
          [0, 60],
        ],
      },
      told: [isDegraded],
    },
    {
      name: "is not told of what stays missing",
      series: {
        [inState("missing")]: [
          [0, 20],
          [1, 200],
        ],
      },
      told: [],
    },
    {
      name: "is told while another service stays missing",
      series: { 'rollcall_service_instances{service="shelf",team="books",state="missing"}': 1 },
      told: [isDegraded],
    },
  ],
});

const isMissing = firing(
  serviceMissing,
  TICKET,
  "billing: 1 declared instances are not registered",
  "The registrar puts a declared instance back within 30 seconds; this one stays away. Most often its definition is refused.",
);

const missing = gaugeCases({
  alert: serviceMissing,
  calm: { ...WELL, [inState("missing")]: 0 },
  trouble: { [inState("missing")]: 1 },
  told: isMissing,
  nearly: { [inState("critical")]: 1 },
  agentGone: "explained",
  also: [
    ...explained(isMissing),
    { name: "is not told where the whole service is away", series: { [UP]: 0 }, told: [] },
  ],
});

const CHANGES = ofBilling("rollcall_service_changes_total");

const isFlapping = firing(
  serviceFlapping,
  TICKET,
  "billing comes and goes",
  "billing changed 31 times between healthy and ill in 15 minutes. Callers see errors now and then.",
);
const SEVEN = "billing changed 7 times between healthy and ill in 15 minutes. Callers see errors now and then.";
const ofBooks = (metric: string, more = "") => `${metric}{service="books-0",team="books"${more}}`;
// Every 30 s, for an hour.
const COMES = "1x1 0x1 ".repeat(60);
const OFTEN = "0x1 ".concat(...Array.from({ length: 120 }, (_, n) => `${n + 1}x1 `));
const FLAPPING = { ...WELL, [CHANGES]: OFTEN };

const flapping: AlertCases = {
  alert: serviceFlapping,
  step: 15,
  fires: {
    name: "is told while it comes and goes, and for a quarter of an hour after",
    series: { ...FLAPPING, [inState("passing")]: COMES },
    checks: [
      { at: 60, firing: [] },
      { at: 1800, firing: [isFlapping] },
    ],
  },
  silent: {
    name: "is not told of one restart after the other in a quarter of an hour",
    series: {
      ...WELL,
      [CHANGES]: `0x9 1x9 2x9 3x9 4x9 5x9 6x60`,
      [inState("passing")]: "1x9 0x9 1x9 0x9 1x9 0x9 1x60",
    },
    checks: [{ at: 930, firing: [] }],
  },
  absent: {
    name: "is not told where nothing is known",
    series: { [AGENT]: 1, [WATCHED]: 1 },
    checks: [{ at: 1800, firing: [] }],
  },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...FLAPPING, [inState("passing")]: COMES, [AGENT]: 0 },
    checks: [{ at: 1800, firing: [] }],
  },
  more: [
    ...explained(isFlapping).map(({ name, series, told }) => ({
      name,
      series: { ...FLAPPING, [inState("passing")]: COMES, ...series },
      checks: [{ at: 1800, firing: told }],
    })),
    {
      name: "is not told of a dead service that Consul drops and that is put back, and that comes back once",
      series: { ...FLAPPING, [inState("passing")]: "1x79 0x19 1x60" },
      checks: [{ at: 1800, firing: [] }],
    },
    {
      name: "is not told of a dead service that is dropped and put back while another one comes and goes",
      series: {
        ...FLAPPING,
        [inState("passing")]: COMES,
        [ofBooks("rollcall_service_changes_total")]: OFTEN,
        [ofBooks("rollcall_service_instances", ',state="passing"')]: 0,
        [ofBooks("rollcall_service_instances", ',state="critical"')]: COMES,
      },
      checks: [{ at: 1800, firing: [isFlapping] }],
    },
    {
      name: "is not told of what came and went long ago",
      series: { ...FLAPPING, [inState("passing")]: "1x9 0x9 1x9 0x9 1x9 0x150" },
      checks: [{ at: 1800, firing: [] }],
    },
    {
      name: "is told of what went, came and went in a quarter of an hour",
      series: { ...FLAPPING, [inState("passing")]: "1x64 0x24 1x24 0x30" },
      checks: [{ at: 1800, firing: [isFlapping] }],
    },
    {
      name: "is told of seven changes in a quarter of an hour, and not of seven in half an hour",
      series: {
        ...WELL,
        [CHANGES]: "0x6 1x6 2x6 3x6 4x6 5x6 6x6 7x60",
        [inState("passing")]: "1x6 0x6 1x6 0x6 1x6 0x6 1x6 0x60",
        [ofBooks("rollcall_service_changes_total")]: "0x13 1x13 2x13 3x13 4x13 5x13 6x13 7x13 8x13",
        [ofBooks("rollcall_service_instances", ',state="passing"')]: "0x13 1x13 0x13 1x13 0x13 1x13 0x13 1x13 0x13",
      },
      checks: [
        { at: 900, firing: [{ ...isFlapping, annotations: { ...isFlapping.annotations, description: SEVEN } }] },
        { at: 1800, firing: [] },
      ],
    },
  ],
};

/** How one service is. */
export const SERVICE_STATE: readonly AlertCases[] = [down, degraded, missing, flapping];
