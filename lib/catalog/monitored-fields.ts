import * as z from "zod";
import { openUrl } from "./checks/request.js";
import { type Monitored, monitoredOf, type OwnMetrics } from "./monitored.js";
import { strict } from "./strict.js";
import { open, text, visible } from "./text.js";

/*
 * What a catalog says for those who watch a service. Nothing of it reaches Consul: alert rules, dashboards and the monitor
 * are made of it.
 */

const sloWants = "a percentage from 50 to 99.999 with at most three decimals, such as 99.9";
const latencyWants = "a duration from 1ms to 60s, such as 300ms or 2s";
const ownerWants = "who answers for it, at most 128 long, such as payments@example.com";
const runbookWants = "the address of a page, such as https://wiki.example.com/billing, without a user or a password";
const pathWants = "a path that begins with / and has no spaces, such as /metrics";
const nameWants = "a metric's name without _bucket, such as http_server_request_duration_seconds";
const labelWants = "a label's name, such as http_response_status_code";
const metricsWant = "a path such as /metrics, or a mapping with path, duration and status";

const path = text(512, pathWants).regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*$/, pathWants);

/** The milliseconds of a latency such as `300ms` or `2s`. */
export function milliseconds(latency: string): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(latency) ?? [];
  return Number(number) * (unit === "s" ? 1000 : 1);
}

/** For a team's `defaults`, and for a service. */
export const monitoredShape = {
  alert: z
    .enum(["page", "ticket", "none"], "page, ticket or none")
    .optional()
    .describe(
      "How its team is told that it is down: page wakes somebody, ticket waits for the day; ticket if left out",
    ),
  slo: z
    .number(sloWants)
    .min(50, sloWants)
    .max(99.999, sloWants)
    .refine((percent) => Math.abs(percent * 1000 - Math.round(percent * 1000)) < 1e-6, sloWants)
    .optional()
    .describe("Percent of the time in which it must be found, over 30 days, such as 99.9; none if left out"),
  latency: text(7, latencyWants)
    .regex(/^\d{1,5}(?:ms|s)$/, { error: latencyWants, abort: true })
    .refine((limit) => milliseconds(limit) >= 1 && milliseconds(limit) <= 60_000, latencyWants)
    .optional()
    .describe("How long 95 % of the probes may take at most, such as 300ms; no limit if left out"),
  owner: text(128, ownerWants)
    .regex(/\S/, ownerWants)
    .superRefine(visible(ownerWants))
    .superRefine(open)
    .optional()
    .describe("Who answers for it: a person, a team's address or a channel"),
  runbook: text(512, runbookWants)
    .regex(/^https?:\/\/[^\s@]+$/, { error: runbookWants, abort: true })
    .refine((url) => URL.canParse(url), { error: runbookWants, abort: true })
    .superRefine(visible(runbookWants))
    .superRefine(openUrl)
    .optional()
    .describe("The page that says what to do when it is down"),
  metrics: z
    .union(
      [
        path,
        strict(
          {
            path: path.describe("Where it answers with its own metrics, such as /metrics"),
            duration: text(200, nameWants)
              .regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, nameWants)
              .optional()
              .describe("The histogram of how long requests take; http_server_request_duration_seconds if left out"),
            status: text(200, labelWants)
              .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, labelWants)
              .optional()
              .describe("Its label with the HTTP status; http_response_status_code if left out"),
          },
          metricsWant,
        ),
      ],
      metricsWant,
    )
    .optional()
    .describe("Where it answers with its own metrics: a path, or a path with the names of its histogram and label"),
};

/** As a file has it, at one level. */
export type MonitoredEntry = z.output<z.ZodObject<typeof monitoredShape>>;

/** What holds for a service: its own word, else its team's. */
export function monitoredBy(team: MonitoredEntry, own: MonitoredEntry): Monitored {
  const { metrics, ...said } = { ...defined(team), ...defined(own) };
  return monitoredOf({ ...said, metrics: metrics === undefined ? undefined : ownMetrics(metrics) });
}

function defined(entry: MonitoredEntry): MonitoredEntry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

function ownMetrics(written: NonNullable<MonitoredEntry["metrics"]>): OwnMetrics {
  const { path, duration, status } = typeof written === "string" ? { path: written } : written;
  return {
    path,
    duration: duration ?? "http_server_request_duration_seconds",
    status: status ?? "http_response_status_code",
  };
}
