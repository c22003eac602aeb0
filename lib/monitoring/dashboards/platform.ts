import { METRICS } from "../metrics.js";
import { type Dashboard, WELL } from "./dashboard.js";

/** What Rollcall itself runs beside Consul: registrar, gateway, monitor, backups, certificates, the host. */
export const platformDashboard: Dashboard = {
  uid: "rollcall-platform",
  title: "Rollcall: the platform",
  description: "Whether the catalog reaches Consul, who can be asked, and what runs out when.",
  choices: [],
  rows: [
    {
      title: "From catalog to Consul",
      panels: [
        {
          title: "Is what is declared what is registered?",
          description: "No while anything is missing, differs, is registered besides, or is refused.",
          kind: "timeline",
          unit: "short",
          meanings: WELL,
          queries: [
            { expr: METRICS.catalogInSync.name, legend: "as the monitor sees it" },
            { expr: METRICS.registrarInSync.name, legend: "as the registrar sees it" },
          ],
        },
        {
          title: "How many instances are declared, registered, refused?",
          description: "Refused are values in Consul KV that are no definition; the earlier one stays in place.",
          kind: "graph",
          unit: "short",
          min: 0,
          queries: [
            { expr: METRICS.catalogDeclared.name, legend: "declared" },
            { expr: METRICS.catalogRegistered.name, legend: "registered" },
            { expr: METRICS.catalogExtra.name, legend: "nobody declared" },
            { expr: METRICS.catalogRefused.name, legend: "refused" },
          ],
        },
        {
          title: "How long does a change take from Consul KV to the agent?",
          description: "Mean of an hour; the last one where there was none.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [
            {
              expr: `increase(${METRICS.registrarCarrySeconds.name}[1h]) / (increase(${METRICS.registrarCarries.name}[1h]) > 0)`,
              legend: "mean of an hour",
            },
            { expr: METRICS.registrarLastCarry.name, legend: "last one" },
          ],
        },
        {
          title: "When did the catalog last change?",
          description: "As the monitor saw it in Consul KV.",
          kind: "figure",
          unit: "dateTimeFromNow",
          queries: [{ expr: `${METRICS.catalogLastChange.name} * 1000`, legend: "last change" }],
        },
      ],
    },
    {
      title: "Who can be asked",
      panels: [
        {
          title: "Do agent, gateway and Consul answer?",
          description: "While Consul does not, nothing is known of the services.",
          kind: "timeline",
          unit: "short",
          meanings: WELL,
          queries: [
            { expr: METRICS.consulReachable.name, legend: "Consul" },
            { expr: METRICS.agentUp.name, legend: "{{node}}" },
            { expr: METRICS.gatewayUp.name, legend: "gateway" },
          ],
        },
        {
          title: "How long does the gateway take?",
          description: "For a request of the monitor that asks a server.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [{ expr: METRICS.gatewayProbeSeconds.name, legend: "gateway" }],
        },
        {
          title: "How old is what the monitor knows?",
          description: "From 20 s on it says that the state of services is unknown.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [
            { expr: METRICS.dataAge.name, legend: "what is known" },
            { expr: METRICS.consulLastContact.name, legend: "the server's contact with the leader" },
          ],
        },
        {
          title: "How much memory do monitor and registrar use?",
          description: "Their limits stand in lib/docker/memory.ts.",
          kind: "graph",
          unit: "bytes",
          min: 0,
          queries: [{ expr: `${METRICS.residentMemory.name}{job="rollcall"}`, legend: "{{instance}}" }],
        },
      ],
    },
    {
      title: "What runs out",
      panels: [
        {
          title: "In how many days does each certificate end?",
          description: "As a handshake shows it. `up` renews what ends within 30 days, the authority's excepted.",
          kind: "graph",
          unit: "d",
          min: 0,
          queries: [{ expr: `(${METRICS.certificateNotAfter.name} - time()) / 86400`, legend: "{{part}}" }],
        },
        {
          title: "How old is the last backup?",
          description: "Only where backups are made on schedule; beside it how often they are to be made.",
          kind: "graph",
          unit: "s",
          min: 0,
          queries: [
            { expr: `time() - (${METRICS.backupLastSuccess.name} > 0)`, legend: "age" },
            { expr: METRICS.backupInterval.name, legend: "made every" },
          ],
        },
        {
          title: "How much of the host is in use?",
          description: "Processors, memory, and the disk with Docker's data.",
          kind: "graph",
          unit: "percentunit",
          min: 0,
          max: 1,
          queries: [
            { expr: METRICS.hostCpu.name, legend: "processors" },
            { expr: METRICS.hostMemory.name, legend: "memory" },
            { expr: METRICS.hostDisk.name, legend: "disk" },
          ],
        },
        {
          title: "When will the disk be full?",
          description: "Free bytes, and what is left in a day if the last six hours go on.",
          kind: "graph",
          unit: "bytes",
          min: 0,
          queries: [
            { expr: METRICS.hostDiskFree.name, legend: "free" },
            { expr: `predict_linear(${METRICS.hostDiskFree.name}[6h], 86400)`, legend: "free in a day" },
          ],
        },
      ],
    },
  ],
};
