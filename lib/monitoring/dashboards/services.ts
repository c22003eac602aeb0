import { METRICS } from "../metrics.js";
import { SERVICE_UP } from "../promql.js";
import { PROBES } from "../records/latency.js";
import { RED } from "../records/red.js";
import { BUDGET_REMAINING } from "../records/slo.js";
import { type Dashboard, FOUND } from "./dashboard.js";

const OF_TEAM = 'team=~"$team"';
const up = `max by (service, team) (${METRICS.serviceUp.name}{${OF_TEAM}})`;
const inState = (state: string) =>
  `sum by (service, team) (${METRICS.serviceInstances.name}{${OF_TEAM},state="${state}"}) > 0`;

/** Every service, team by team: who is down, who is ill, who is slow, and what is left of each budget. */
export const servicesDashboard: Dashboard = {
  uid: "rollcall-services",
  title: "Rollcall: all services",
  description: "Which services discovery hands out, by team, and how they have been.",
  choices: [{ name: "team", label: "Team", of: METRICS.serviceUp.name, all: true }],
  rows: [
    {
      title: "Now",
      panels: [
        {
          title: "How many services are found?",
          description: "Services of which discovery hands out at least one instance.",
          kind: "figure",
          unit: "short",
          width: 6,
          queries: [{ expr: `sum(${up})`, legend: "found" }],
        },
        {
          title: "How many services are not found?",
          description: "Services of which discovery hands out no instance: applications get none.",
          kind: "figure",
          unit: "short",
          width: 6,
          queries: [{ expr: `count(${up} == 0) or vector(0)`, legend: "not found" }],
        },
        {
          title: "How many instances are missing?",
          description: "Declared in the catalog, and not registered in Consul.",
          kind: "figure",
          unit: "short",
          width: 6,
          queries: [
            {
              expr: `sum(${METRICS.serviceInstances.name}{${OF_TEAM},state="missing"})`,
              legend: "missing",
            },
          ],
        },
        {
          title: "Of how many instances does nobody know the state?",
          description: "Their agent is gone, or Consul does not answer: they are neither up nor down.",
          kind: "figure",
          unit: "short",
          width: 6,
          queries: [
            {
              expr: `sum(${METRICS.serviceInstances.name}{${OF_TEAM},state="unknown"})`,
              legend: "unknown",
            },
          ],
        },
        {
          title: "Which services are not well, and why?",
          description: "A line a service and state other than passing, with the number of its instances.",
          kind: "list",
          unit: "short",
          width: 24,
          queries: ["critical", "warning", "missing", "maintenance", "unknown"].map((state) => ({
            expr: `label_replace(${inState(state)}, "state", "${state}", "", "")`,
            legend: state,
          })),
        },
      ],
    },
    {
      title: "Over time",
      panels: [
        {
          title: "When was which service not found?",
          description: "A gap says that nobody looked: the monitor did not run, or could not know.",
          kind: "timeline",
          unit: "short",
          width: 24,
          meanings: FOUND,
          queries: [{ expr: up, legend: "{{service}}" }],
        },
        {
          title: "Which services change their state most?",
          description: "Changes of their instances within an hour; more than six in fifteen minutes is flapping.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [
            {
              expr: `topk(10, increase(${METRICS.serviceChanges.name}{${OF_TEAM}}[1h]))`,
              legend: "{{service}}",
            },
          ],
        },
        {
          title: "How much of its error budget does each service have left?",
          description: "Of 30 days: 100 % is all of it, below 0 % the promise is broken. Only services with an slo.",
          kind: "graph",
          unit: "percentunit",
          max: 1,
          queries: [{ expr: `${BUDGET_REMAINING}{${OF_TEAM}}`, legend: "{{service}}" }],
        },
      ],
    },
    {
      title: "As callers see it",
      panels: [
        {
          title: "Which services answer probes slowly?",
          description: "95 % of the probes of the last five minutes took at most this long; the ten slowest.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [{ expr: `topk(10, ${PROBES.p95}{${OF_TEAM}})`, legend: "{{service}}" }],
        },
        {
          title: "Which services fail probes?",
          description: "Share of the probes of the last five minutes that failed. It is no share of real requests.",
          kind: "graph",
          unit: "percentunit",
          min: 0,
          max: 1,
          queries: [{ expr: `${PROBES.failures}{${OF_TEAM}} > 0`, legend: "{{service}}" }],
        },
        {
          title: "How many requests does each team serve?",
          description: "What services count themselves; only those that say `metrics` in the catalog.",
          kind: "graph",
          unit: "reqps",
          min: 0,
          queries: [{ expr: `${RED.teamRequests}{${OF_TEAM}}`, legend: "{{team}}" }],
        },
        {
          title: "Which share of each team's requests fails?",
          description: "Answers of 5xx, as services count them themselves.",
          kind: "graph",
          unit: "percentunit",
          min: 0,
          queries: [{ expr: `${RED.teamErrorRatio}{${OF_TEAM}}`, legend: "{{team}}" }],
        },
      ],
    },
    {
      title: "The whole platform",
      panels: [
        {
          title: "How has the number of services that are found developed?",
          description: "Of all teams. A step down is a service that was lost or taken away.",
          kind: "graph",
          unit: "short",
          width: 24,
          min: 0,
          queries: [
            { expr: `sum(${SERVICE_UP})`, legend: "found" },
            { expr: `count(${SERVICE_UP})`, legend: "declared" },
          ],
        },
      ],
    },
  ],
};
