import { CHECK_STATE, METRICS } from "../metrics.js";
import { CONSTANTS } from "../records/constants.js";
import { PROBES } from "../records/latency.js";
import { RED } from "../records/red.js";
import { BUDGET_REMAINING, MEASURED, unavailable } from "../records/slo.js";
import { type Dashboard, FOUND } from "./dashboard.js";

const OF = 'service="$service"';

/** One service: what its owner wants to know, before and after somebody calls. */
export const serviceDashboard: Dashboard = {
  uid: "rollcall-service",
  title: "Rollcall: one service",
  description: "How one service is, how it has been, and what it promised.",
  choices: [{ name: "service", label: "Service", of: METRICS.serviceUp.name, all: false }],
  rows: [
    {
      title: "Now",
      panels: [
        {
          title: "Is it found?",
          description: "Whether discovery hands out at least one instance.",
          kind: "figure",
          unit: "short",
          width: 6,
          meanings: FOUND,
          queries: [{ expr: `max(${METRICS.serviceUp.name}{${OF}})`, legend: "found" }],
        },
        {
          title: "Since when has nothing changed?",
          description: "When an instance last went from one state to another.",
          kind: "figure",
          unit: "dateTimeFromNow",
          width: 6,
          queries: [{ expr: `max(${METRICS.serviceLastChange.name}{${OF}}) * 1000`, legend: "last change" }],
        },
        {
          title: "How much of its error budget is left?",
          description: "Of 30 days; below 0 % the promise is broken.",
          kind: "figure",
          unit: "percentunit",
          width: 6,
          queries: [{ expr: `${BUDGET_REMAINING}{${OF}}`, legend: "left" }],
        },
        {
          title: "How much of the 30 days was measured?",
          description: "The figures of 30 days say little where this is far below 100 %.",
          kind: "figure",
          unit: "percentunit",
          width: 6,
          queries: [{ expr: `${MEASURED}{${OF}}`, legend: "measured" }],
        },
      ],
    },
    {
      title: "Health",
      panels: [
        {
          title: "In which states are its instances?",
          description: "Missing is declared and not registered; unknown is that nobody can say.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [{ expr: `sum by (state) (${METRICS.serviceInstances.name}{${OF}})`, legend: "{{state}}" }],
        },
        {
          title: "Which of its checks failed, and when?",
          description: "What Consul has for each check of each instance.",
          kind: "timeline",
          unit: "short",
          meanings: [
            { value: CHECK_STATE.passing, text: "✔ passing", colour: "green" },
            { value: CHECK_STATE.warning, text: "▲ warning", colour: "yellow" },
            { value: CHECK_STATE.critical, text: "✖ critical", colour: "red" },
          ],
          queries: [{ expr: `${METRICS.checkState.name}{${OF}}`, legend: "{{id}} {{check}}" }],
        },
        {
          title: "How long do probes of it take, and how long may they?",
          description: "95 % of the probes of five minutes took at most this long; the limit is the catalog's.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [
            { expr: `${PROBES.p95}{${OF}}`, legend: "95 %" },
            { expr: `${CONSTANTS.latencyLimit}{${OF}}`, legend: "limit" },
          ],
        },
        {
          title: "Which share of the probes fails?",
          description: "Of five minutes. It is no share of real requests.",
          kind: "graph",
          unit: "percentunit",
          min: 0,
          max: 1,
          queries: [{ expr: `${PROBES.failures}{${OF}}`, legend: "failed" }],
        },
      ],
    },
    {
      title: "Promise",
      panels: [
        {
          title: "How fast does it use up its budget?",
          description: "1 uses up exactly the budget of 30 days; 14.4 uses up 2 % of it within an hour.",
          kind: "graph",
          unit: "short",
          min: 0,
          width: 24,
          queries: ["1h", "6h", "1d", "3d"].map((window) => ({
            expr: `${unavailable(window)}{${OF}} / on (service, team) (1 - ${CONSTANTS.serviceSlo}{${OF}})`,
            legend: `over ${window}`,
          })),
        },
      ],
    },
    {
      title: "Requests, as it counts them itself",
      panels: [
        {
          title: "How many requests does it serve?",
          description: "Only where the catalog says `metrics`.",
          kind: "graph",
          unit: "reqps",
          width: 8,
          min: 0,
          queries: [{ expr: `${RED.requests}{${OF}}`, legend: "requests" }],
        },
        {
          title: "Which share of them fails?",
          description: "Answers of 5xx.",
          kind: "graph",
          unit: "percentunit",
          width: 8,
          min: 0,
          queries: [{ expr: `${RED.errorRatio}{${OF}}`, legend: "failed" }],
        },
        {
          title: "How long do they take?",
          description: "95 % of the requests of five minutes took at most this long.",
          kind: "graph",
          unit: "s",
          width: 8,
          min: 0,
          queries: [{ expr: `${RED.p95}{${OF}}`, legend: "95 %" }],
        },
      ],
    },
  ],
};
