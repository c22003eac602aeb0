import { errorBudgetBurnFast } from "../alerts/error-budget-burn-fast.js";
import { errorBudgetBurnSlow } from "../alerts/error-budget-burn-slow.js";
import { serviceErrors } from "../alerts/service-errors.js";
import type { AlertCases, Case, Series } from "./case.js";
import { AGENT, firing, REACHABLE } from "./gauge-cases.js";
import { BILLING, ofBilling, UP, WATCHED } from "./services.js";

const WELL: Series = {
  [AGENT]: 1,
  [REACHABLE]: 1,
  [WATCHED]: 1,
  // Another service, which is down.
  'rollcall_service_up{service="shelf",team="books"}': 0,
  'rollcall:service_alert:info{service="shelf",team="books",severity="page"}': 1,
};
const PAGE = { ...BILLING, scope: "service", severity: "page" } as const;
const TICKET = { ...BILLING, scope: "service", severity: "ticket" } as const;

/** The records behind what explains it come from another group. */
function explained(series: Series, at: number): readonly Case[] {
  const all: readonly (readonly [string, Series])[] = [
    ["is not told while the agent is lost", { [AGENT]: 0 }],
    ["is not told while nobody sees the servers", { [REACHABLE]: 0 }],
    ["is not told while most services are down", { "rollcall:many_services_down:info": 1 }],
    ["is not told while most of its team's services are down", { 'team:many_services_down:info{team="payments"}': 1 }],
    ["is not told where the catalog says so", { [WATCHED]: "_x10" }],
  ];
  return all.map(([name, other]) => ({ name, series: { ...series, ...other }, checks: [{ at, firing: [] }] }));
}

const REQUESTS = ofBilling("service:requests:rate5m");
const ERRORS = ofBilling("service:errors:rate5m");
const failing = firing(
  serviceErrors,
  PAGE,
  "billing answers 6% of its requests with an error",
  "Its check passes and its callers get errors: billing counts them itself, as answers of 500 and above.",
);
const FAILING: Series = { ...WELL, [REQUESTS]: 10, [ERRORS]: 0.6 };

const errors: AlertCases = {
  alert: serviceErrors,
  step: 15,
  fires: {
    name: "is told once it has lasted, and no longer than it lasts",
    series: { ...FAILING, [ERRORS]: "0.1x19 0.6x30 0.1x20" },
    checks: [
      { at: 585, firing: [] },
      { at: 600, firing: [failing] },
      { at: 780, firing: [] },
    ],
  },
  silent: {
    name: "is not told of one request in twenty, nor of a service that nobody asks",
    series: {
      ...WELL,
      [REQUESTS]: 10,
      [ERRORS]: 0.5,
      'service:requests:rate5m{service="idle",team="payments"}': 0.1,
      'service:errors:rate5m{service="idle",team="payments"}': 0.1,
      'rollcall:service_alert:info{service="idle",team="payments",severity="page"}': 1,
    },
    checks: [{ at: 600, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 600, firing: [] }] },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...FAILING, [AGENT]: 0 },
    checks: [{ at: 600, firing: [] }],
  },
  more: [
    ...explained(FAILING, 600),
    {
      name: "is told while most services of another team are down",
      series: { ...FAILING, 'team:many_services_down:info{team="books"}': 1 },
      checks: [{ at: 600, firing: [failing] }],
    },
    {
      name: "is told of a service that is hardly asked",
      series: { ...WELL, [REQUESTS]: 0.11, [ERRORS]: 0.0066 },
      checks: [{ at: 600, firing: [failing] }],
    },
  ],
};

const limit = (window: string) => ofBilling("rollcall:service_burn_limit:ratio", `window="${window}"`);
// Of 99 %: a tenth of an hour, 6 % of six hours, 3 % of a day, 1 % of three days.
const SLO: Series = { ...WELL, [limit("1h")]: 0.1, [limit("6h")]: 0.06, [limit("1d")]: 0.03, [limit("3d")]: 0.01 };
const isFast = (part: string) =>
  firing(
    errorBudgetBurnFast,
    PAGE,
    "billing uses its error budget up within days",
    `billing was away for ${part} of the last hours and again just now. If it goes on, what its SLO allows for 30 days is gone in five at the most.`,
  );
// Away for 8 minutes and back: 13 % of the hour.
const HOUR = { ...SLO, [UP]: "1x359 0x7 1x60" };
// Six times four minutes in two hours, none of them a tenth of an hour: 6.7 % of six.
const SIX = { ...SLO, [UP]: `1x239 ${"0x3 1x15 ".repeat(8)}` };

const fast: AlertCases = {
  alert: errorBudgetBurnFast,
  step: 60,
  fires: {
    name: "is told a minute after it is back from a tenth of an hour, while the last five minutes count",
    series: HOUR,
    checks: [
      { at: 367 * 60, firing: [] },
      { at: 368 * 60, firing: [] },
      { at: 369 * 60, firing: [isFast("13.33%")] },
      { at: 371 * 60, firing: [isFast("13.33%")] },
      { at: 372 * 60, firing: [] },
    ],
  },
  silent: {
    name: "is not told of a tenth of an hour",
    series: { ...SLO, [UP]: "1x359 0x5 1x60" },
    checks: [{ at: 368 * 60, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: SLO, checks: [{ at: 7200, firing: [] }] },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...HOUR, [AGENT]: 0 },
    checks: [{ at: 370 * 60, firing: [] }],
  },
  more: [
    ...explained(HOUR, 370 * 60),
    {
      name: "is told of six hours, too",
      series: SIX,
      checks: [{ at: 379 * 60, firing: [isFast("7.778%")] }],
    },
    {
      name: "is not told of half an hour where half an hour is allowed, nor of three hours of six where three are",
      series: { ...WELL, [limit("1h")]: 0.5, [limit("6h")]: 0.5, [UP]: "1x389 0x149 1x29 0x29 1x60" },
      checks: [{ at: 601 * 60, firing: [] }],
    },
    {
      name: "is over when the last minutes were good, whatever is allowed",
      series: { ...WELL, [limit("1h")]: 0, [limit("6h")]: 1, [UP]: "1x359 0x7 1x60" },
      checks: [{ at: 375 * 60, firing: [] }],
    },
    {
      name: "is over when the last half hour was good, whatever is allowed",
      series: { ...WELL, [limit("1h")]: 1, [limit("6h")]: 0, [UP]: "1x359 0x7 1x60" },
      checks: [
        { at: 396 * 60, firing: [isFast("2.222%")] },
        { at: 399 * 60, firing: [] },
      ],
    },
    {
      name: "is told while most services of another team are down",
      series: { ...HOUR, 'team:many_services_down:info{team="books"}': 1 },
      checks: [{ at: 370 * 60, firing: [isFast("13.33%")] }],
    },
    {
      name: "is not told of a window that the catalog leaves out",
      series: { ...WELL, [UP]: "1x359 0x7 1x60" },
      checks: [{ at: 370 * 60, firing: [] }],
    },
    {
      name: "is not told while it is down: that is told",
      series: { ...SLO, [UP]: "1x359 0x60" },
      checks: [{ at: 375 * 60, firing: [] }],
    },
  ],
};

const isSlowly = (part: string) =>
  firing(
    errorBudgetBurnSlow,
    TICKET,
    "billing will not meet its SLO",
    `billing was away for ${part} of the last days and again in the last hours: more than its SLO allows for 30 days, if it goes on.`,
  );
// In steps of 5 minutes: away for 45 minutes of a day is 3.1 %.
const DAY = { ...SLO, [UP]: "1x287 0x8 1x60" };

const slow: AlertCases = {
  alert: errorBudgetBurnSlow,
  step: 300,
  fires: {
    name: "is told ten minutes after it is back, while the last two hours count",
    series: DAY,
    checks: [
      { at: 298 * 300, firing: [] },
      { at: 299 * 300, firing: [isSlowly("3.125%")] },
      { at: 318 * 300, firing: [isSlowly("3.125%")] },
    ],
  },
  silent: {
    name: "is not told of what is allowed",
    series: { ...SLO, [limit("3d")]: 1, [UP]: "1x287 0x7 1x60" },
    checks: [{ at: 300 * 300, firing: [] }],
  },
  absent: { name: "is not told where nothing is known", series: SLO, checks: [{ at: 90_000, firing: [] }] },
  agentGone: {
    name: "is not told where the agent's loss explains it",
    series: { ...DAY, [AGENT]: 0 },
    checks: [{ at: 305 * 300, firing: [] }],
  },
  more: [
    ...explained(DAY, 305 * 300),
    {
      name: "is told while most services of another team are down",
      series: { ...DAY, 'team:many_services_down:info{team="books"}': 1 },
      checks: [{ at: 305 * 300, firing: [isSlowly("3.125%")] }],
    },
    {
      name: "is not told of half a day where half a day is allowed, nor of half of three days",
      // Away for the first half of each day: it is back for some minutes, and most of the last hours count.
      series: { ...WELL, [limit("1d")]: 0.5, [limit("3d")]: 0.5, [UP]: "0x143 1x143 ".repeat(4) },
      checks: [{ at: (3 * 288 + 144 + 5) * 300, firing: [] }],
    },
    {
      name: "is over when the last two hours were good, whatever is allowed",
      series: { ...WELL, [limit("1d")]: 0, [limit("3d")]: 1, [UP]: "1x287 0x8 1x60" },
      checks: [
        { at: 319 * 300, firing: [isSlowly("3.125%")] },
        { at: 322 * 300, firing: [] },
      ],
    },
    {
      name: "is over when the last six hours were good, whatever is allowed",
      series: { ...WELL, [limit("1d")]: 1, [limit("3d")]: 0, [UP]: "1x863 0x8 1x120" },
      checks: [
        { at: 940 * 300, firing: [isSlowly("1.042%")] },
        { at: 946 * 300, firing: [] },
      ],
    },
    {
      name: "is told of three days, too",
      series: { ...SLO, [limit("1d")]: 1, [UP]: "1x863 0x8 1x60" },
      checks: [{ at: 880 * 300, firing: [isSlowly("1.042%")] }],
    },
    {
      name: "is not told while it is down: that is told",
      series: { ...SLO, [UP]: "1x287 0x60" },
      checks: [{ at: 305 * 300, firing: [] }],
    },
  ],
};

/** What services count themselves, and what was promised of them. */
export const REQUESTS_AND_SLO: readonly AlertCases[] = [errors, fast, slow];
