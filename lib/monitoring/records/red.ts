import type { Service } from "../../catalog/types.js";
import { APPLICATION_JOB } from "../promql.js";
import type { RecordRule } from "../rule.js";
import { byName } from "./constants.js";

/** What services say of their own requests. */
export const RED = {
  requests: "service:requests:rate5m",
  errors: "service:errors:rate5m",
  errorRatio: "service:errors:ratio5m",
  p95: "service:latency:p95_5m",
  teamRequests: "team:requests:rate5m",
  teamErrorRatio: "team:errors:ratio5m",
} as const;

/** The requests of the services that export metrics, by the names that each of them uses; nothing where none does. */
export function redRecords(services: readonly Service[]): readonly RecordRule[] {
  const byNames = new Map<string, { histogram: string; status: string; names: string[] }>();
  for (const { name, metrics } of byName(services)) {
    if (metrics === undefined) continue;
    const { duration: histogram, status } = metrics;
    const found = byNames.get(`${histogram} ${status}`) ?? { histogram, status, names: [] };
    byNames.set(`${histogram} ${status}`, { ...found, names: [...new Set([...found.names, name])].sort() });
  }
  return [...byNames.values()].flatMap(({ histogram, status, names }) => ofNames(histogram, status, names));
}

function ofNames(histogram: string, status: string, names: readonly string[]): readonly RecordRule[] {
  const selector = `job="${APPLICATION_JOB}",service=~"${names.join("|")}"`;
  const rate = (series: string) => `rate(${series}[5m])`;
  return [
    { record: RED.requests, expr: `sum by (service, team) (${rate(`${histogram}_count{${selector}}`)})` },
    {
      record: RED.errors,
      expr: `sum by (service, team) (${rate(`${histogram}_count{${selector},${status}=~"5.."}`)})`,
    },
    {
      record: RED.p95,
      expr: `histogram_quantile(0.95, sum by (service, team, le) (${rate(`${histogram}_bucket{${selector}}`)}))`,
    },
  ];
}

/** What follows from those, whatever a service calls its metrics. A service without any error has a ratio of 0. */
export const redRatioRecords: readonly RecordRule[] = [
  { record: RED.errorRatio, expr: `(${RED.errors} or 0 * ${RED.requests}) / (${RED.requests} > 0)` },
  { record: RED.teamRequests, expr: `sum by (team) (${RED.requests})` },
  {
    record: RED.teamErrorRatio,
    expr: `sum by (team) (${RED.errors} or 0 * ${RED.requests}) / (${RED.teamRequests} > 0)`,
  },
];
