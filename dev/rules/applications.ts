import type { Service } from "../../lib/catalog/types.js";
import type { RecordCases } from "../../lib/monitoring/cases/case.js";
import { RED, redRecords } from "../../lib/monitoring/records/red.js";
import type { RuleFile } from "../../lib/monitoring/rule.js";

const BILLING: Service = {
  team: "payments",
  name: "billing",
  id: "billing",
  address: "billing",
  port: 80,
  tags: [],
  meta: {},
  checks: [],
  deregisterCriticalServiceAfter: "never",
  metrics: {
    path: "/metrics",
    duration: "http_server_request_duration_seconds",
    status: "http_response_status_code",
  },
};

/** The rules of a service that exports metrics under the names of OpenTelemetry, which stand in no common file. */
export const APPLICATION_RULES: RuleFile = {
  name: "applications.rules.yml",
  about: "The requests of one service.",
  groups: [{ name: "rollcall-applications", interval: "15s", records: redRecords([BILLING]), alerts: [] }],
};

const LABELS = 'job="rollcall-applications",service="billing",team="payments"';
const METRIC = "http_server_request_duration_seconds";
const OTHERS = [
  'job="other",service="billing",team="payments"',
  'job="rollcall-applications",service="x",team="payments"',
];

function count(labels: string, status: number): string {
  return `${METRIC}_count{${labels},http_response_status_code="${status}"}`;
}

function bucket(labels: string, le: string): string {
  return `${METRIC}_bucket{${labels},le="${le}"}`;
}

/** 8 requests and 2 errors a second in the last five minutes; before that 100 a second. */
export const APPLICATION_CASES: RecordCases = {
  name: "applications",
  step: 15,
  cases: [
    {
      name: "rates are of the last five minutes and of the service's own job",
      series: {
        ...Object.fromEntries(
          [LABELS, ...OTHERS].flatMap((labels) => [
            [count(labels, 200), "0+1500x40 60000+180x12 62160+60x28"],
            [count(labels, 499), 0],
            [count(labels, 503), "0+1500x40 60000+45x12 60540+15x28"],
            [bucket(labels, "0.1"), "0+1500x40 60000+75x40"],
            [bucket(labels, "0.5"), "0+1500x40 60000+136.5x12 61638+150x28"],
            [bucket(labels, "1"), "0+1500x40 60000+150x40"],
            [bucket(labels, "+Inf"), "0+1500x40 60000+150x40"],
          ]),
        ),
        ...Object.fromEntries(OTHERS.flatMap((labels) => ["0.1", "0.5"].map((le) => [bucket(labels, le), 0] as const))),
      },
      checks: [
        { at: 930, record: RED.requests, samples: { '{service="billing",team="payments"}': 10 } },
        { at: 930, record: RED.errors, samples: { '{service="billing",team="payments"}': 2 } },
        { at: 930, record: RED.p95, samples: { '{service="billing",team="payments"}': 0.75 } },
      ],
    },
  ],
};
