import { METRICS } from "../metrics.js";
import { SERVER_JOB } from "../promql.js";
import { type Dashboard, WELL } from "./dashboard.js";

const OF_SERVERS = `job="${SERVER_JOB}"`;

/** The Consul servers: who leads, how far they are from losing their majority, and what they do. */
export const consulDashboard: Dashboard = {
  uid: "rollcall-consul",
  title: "Rollcall: the Consul cluster",
  description: "Whether the servers agree, how much may still fail, and how busy they are.",
  choices: [],
  rows: [
    {
      title: "Agreement",
      panels: [
        {
          title: "Which server says that it leads?",
          description: "Exactly one should. As the monitor asks each server.",
          kind: "timeline",
          unit: "short",
          meanings: [
            { value: 1, text: "★ leads", colour: "green" },
            { value: 0, text: "○ follows", colour: "blue" },
          ],
          queries: [{ expr: METRICS.consulLeader.name, legend: "{{server}}" }],
        },
        {
          title: "How many servers may still fail?",
          description: "As autopilot says it. Below 1 the next failure stops every write.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [{ expr: `min(consul_autopilot_failure_tolerance{${OF_SERVERS}})`, legend: "may fail" }],
        },
        {
          title: "Which servers can be scraped?",
          description: "A server that cannot is down, or its certificate or token is refused.",
          kind: "timeline",
          unit: "short",
          meanings: WELL,
          queries: [{ expr: `up{${OF_SERVERS}}`, legend: "{{instance}}" }],
        },
        {
          title: "Are there elections that nobody asked for?",
          description:
            "Leaders elected within ten minutes. A few come with a roll; more without one is a slow disk or machine.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [{ expr: `sum(increase(consul_raft_state_leader{${OF_SERVERS}}[10m]))`, legend: "leaders" }],
        },
      ],
    },
    {
      title: "Speed",
      panels: [
        {
          title: "How long does a write take to commit?",
          description: "Mean of five minutes, by server that leads. Disks decide it.",
          kind: "graph",
          unit: "ms",
          min: 0,
          queries: [
            {
              expr: `rate(consul_raft_commitTime_sum{${OF_SERVERS}}[5m]) / rate(consul_raft_commitTime_count{${OF_SERVERS}}[5m])`,
              legend: "{{instance}}",
            },
          ],
        },
        {
          title: "How late do followers hear from the leader?",
          description: "99th percentile. It grows without end while a server is down: look whether one is first.",
          kind: "graph",
          unit: "ms",
          min: 0,
          queries: [
            {
              expr: `max(max_over_time(consul_raft_leader_lastContact{${OF_SERVERS},quantile="0.99"}[2m]))`,
              legend: "last contact",
            },
          ],
        },
        {
          title: "How many writes are there?",
          description: "Entries that raft applies a second.",
          kind: "graph",
          unit: "wps",
          min: 0,
          queries: [{ expr: `sum(rate(consul_raft_apply{${OF_SERVERS}}[5m]))`, legend: "writes" }],
        },
        {
          title: "How many requests do the servers answer?",
          description: "Requests a second to each server, from agents and from the gateway.",
          kind: "graph",
          unit: "reqps",
          min: 0,
          queries: [
            { expr: `sum by (instance) (rate(consul_rpc_request{${OF_SERVERS}}[5m]))`, legend: "{{instance}}" },
          ],
        },
      ],
    },
    {
      title: "Room",
      panels: [
        {
          title: "How much memory does each server use?",
          description: "What its program has allocated; its container's limit stands in lib/docker/memory.ts.",
          kind: "graph",
          unit: "bytes",
          min: 0,
          queries: [{ expr: `consul_runtime_alloc_bytes{${OF_SERVERS}}`, legend: "{{instance}}" }],
        },
        {
          title: "Are registrations refused for lack of rights?",
          description: "Services and checks that the agent may not register, within fifteen minutes.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [
            { expr: "increase(consul_acl_blocked_service_registration[15m])", legend: "services, {{instance}}" },
            { expr: "increase(consul_acl_blocked_check_registration[15m])", legend: "checks, {{instance}}" },
          ],
        },
      ],
    },
  ],
};
