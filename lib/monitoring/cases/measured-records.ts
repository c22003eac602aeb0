import { PROBES } from "../records/latency.js";
import { RED } from "../records/red.js";
import { BUDGET_REMAINING, MEASURED, UP_MINUTE, unavailable } from "../records/slo.js";
import type { RecordCases } from "./case.js";
import { BILLING, ofBilling, UP } from "./services.js";

const OF_BILLING = `{service="${BILLING.service}",team="${BILLING.team}"}`;

function probe(metric: string, id: string, job = "rollcall-probes"): string {
  return ofBilling(metric, `job="${job}",id="${id}"`);
}

/** What probes are summed up to. */
export const PROBE_CASES: RecordCases = {
  name: "probes",
  step: 15,
  cases: [
    {
      name: "the slowest instance counts, and all of them for the failures; other jobs do not",
      series: {
        [probe("probe_duration_seconds", "billing-1")]: "9x40 0.1x40",
        [probe("probe_duration_seconds", "billing-2")]: "9x40 0.2x40",
        [probe("probe_duration_seconds", "billing-1", "other")]: 10,
        [probe("probe_success", "billing-1")]: "0x40 1x40",
        [probe("probe_success", "billing-2")]: "1x40 0x4 1x35",
        [probe("probe_success", "billing-1", "other")]: 0,
      },
      checks: [
        { at: 915, record: PROBES.p95, samples: { [OF_BILLING]: 0.2 } },
        { at: 915, record: PROBES.failures, samples: { [OF_BILLING]: 0.1 } },
        { at: 900, record: PROBES.p95Hour, samples: { [OF_BILLING]: 9 } },
      ],
    },
    {
      name: "one slow probe in twenty hardly counts",
      series: { [probe("probe_duration_seconds", "billing-1")]: "_x20 1 0x18 1" },
      checks: [{ at: 585, record: PROBES.p95, samples: { [OF_BILLING]: 0.05 } }],
    },
    {
      name: "the percentile of an hour is of the last hour",
      series: { [probe("probe_duration_seconds", "billing-1")]: "9x239 0x239" },
      checks: [
        { at: 6900, record: PROBES.p95Hour, samples: { [OF_BILLING]: 9 } },
        { at: 7170, record: PROBES.p95Hour, samples: { [OF_BILLING]: 0 } },
      ],
    },
  ],
};

/** What services' own requests are summed up to. */
export const REQUEST_CASES: RecordCases = {
  name: "requests",
  step: 15,
  cases: [
    {
      name: "a service without errors has a ratio of 0, and a team the sum of its services",
      series: {
        [ofBilling(RED.requests)]: 6,
        [ofBilling(RED.errors)]: 3,
        [`${RED.requests}{service="books",team="payments"}`]: 4,
        [`${RED.requests}{service="idle",team="other"}`]: 0,
        [`${RED.requests}{service="rare",team="rare"}`]: 0.5,
      },
      checks: [
        {
          at: 30,
          record: RED.errorRatio,
          samples: {
            [OF_BILLING]: 0.5,
            '{service="books",team="payments"}': 0,
            '{service="rare",team="rare"}': 0,
          },
        },
        {
          at: 30,
          record: RED.teamRequests,
          samples: { '{team="payments"}': 10, '{team="other"}': 0, '{team="rare"}': 0.5 },
        },
        { at: 30, record: RED.teamErrorRatio, samples: { '{team="payments"}': 0.3, '{team="rare"}': 0 } },
      ],
    },
  ],
};

const MINUTE = 60;

/** Availability over windows. It is away for a minute at the end of each window. */
export const SLO_CASES: RecordCases = {
  name: "slo",
  step: MINUTE,
  cases: [
    {
      name: "a minute counts in every window that it is in, and in none after",
      series: { [UP]: "1x99 0 1x400" },
      checks: [
        { at: 100 * MINUTE, record: UP_MINUTE, samples: { [OF_BILLING]: 0 } },
        { at: 101 * MINUTE, record: UP_MINUTE, samples: { [OF_BILLING]: 1 } },
        ...(
          [
            ["5m", 5],
            ["30m", 30],
            ["1h", 60],
            ["2h", 120],
            ["6h", 360],
          ] as const
        ).flatMap(([window, minutes]) => [
          {
            at: (99 + minutes) * MINUTE,
            record: unavailable(window),
            samples: { [OF_BILLING]: 1 / Math.min(minutes, 100 + minutes) },
          },
          { at: (100 + minutes) * MINUTE, record: unavailable(window), samples: { [OF_BILLING]: 0 } },
        ]),
      ],
    },
    {
      name: "a minute is of what was seen in it, by whichever monitor",
      series: { [`${UP.slice(0, -1)},instance="a"}`]: 0, [`${UP.slice(0, -1)},instance="b"}`]: 1 },
      checks: [{ at: 300, record: UP_MINUTE, samples: { [OF_BILLING]: 1 } }],
    },
  ],
};

/** The tiles of which windows are made. */
export const MINUTE_CASES: RecordCases = {
  name: "slo-minute",
  step: 15,
  cases: [
    {
      name: "a minute is the average of what was seen in it",
      series: { [UP]: "0x9 0 1 1 1 1" },
      checks: [
        { at: 180, record: UP_MINUTE, samples: { [OF_BILLING]: 0.5 } },
        { at: 210, record: UP_MINUTE, samples: { [OF_BILLING]: 1 } },
      ],
    },
  ],
};

/** The same for windows of days, in larger steps. */
export const LONG_SLO_CASES: RecordCases = {
  name: "slo-long",
  step: 3600,
  cases: [
    {
      name: "an hour counts in every window that it is in, and in none after",
      series: { [UP]: "1x71 0 1x800", [ofBilling("rollcall:service_slo:ratio")]: 0.9 },
      checks: [
        { at: 95 * 3600, record: unavailable("1d"), samples: { [OF_BILLING]: 1 / 24 } },
        { at: 96 * 3600, record: unavailable("1d"), samples: { [OF_BILLING]: 0 } },
        { at: 143 * 3600, record: unavailable("3d"), samples: { [OF_BILLING]: 1 / 72 } },
        { at: 144 * 3600, record: unavailable("3d"), samples: { [OF_BILLING]: 0 } },
        { at: 791 * 3600, record: unavailable("30d"), samples: { [OF_BILLING]: 1 / 720 } },
        { at: 791 * 3600, record: BUDGET_REMAINING, samples: { [OF_BILLING]: 1 - 1 / 72 } },
        { at: 792 * 3600, record: unavailable("30d"), samples: { [OF_BILLING]: 0 } },
        { at: 792 * 3600, record: BUDGET_REMAINING, samples: { [OF_BILLING]: 1 } },
        // One sample an hour, where there is one a minute: a sixtieth.
        { at: 792 * 3600, record: MEASURED, samples: { [OF_BILLING]: 1 / 60 } },
        { at: 359 * 3600, record: MEASURED, samples: { [OF_BILLING]: 0.5 / 60 } },
      ],
    },
    {
      name: "a service is measured whether or not anything is promised of it",
      series: { [UP]: 1 },
      checks: [{ at: 359 * 3600, record: MEASURED, samples: { [OF_BILLING]: 0.5 / 60 } }],
    },
  ],
};
