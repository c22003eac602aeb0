import { type Exporter, METRICS, type Metric } from "../lib/monitoring/metrics.js";
import { PROGRAM_PORTS } from "../lib/platform-names.js";

/** What answers `/metrics`, and on which port of the control network. */
const PLACES: readonly (readonly [exporter: Exporter, place: string])[] = [
  ["monitor", `\`consul-monitor\`, port ${PROGRAM_PORTS.monitor}`],
  ["registrar", `\`consul-registrar\`, port ${PROGRAM_PORTS.registrar}`],
  ["backup", `\`consul-backup\`, port ${PROGRAM_PORTS.backup}, where backups are scheduled`],
];

/** docs/reference/metrics.md: every metric of the platform's own programs. */
export function renderMetricsDoc(): string {
  const tables = PLACES.map(([exporter, place]) => {
    const rows = Object.values<Metric>(METRICS).filter(({ exporters }) => exporters.includes(exporter));
    const lines = rows.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${codes(labels)} | ${help} |`);
    return [`## ${place}`, "", "| metric | type | labels | says |", "|---|---|---|---|", ...lines, ""].join("\n");
  });
  return `# Metrics

What the platform's own programs export, each at \`/metrics\` in the control network. [Monitoring](../monitoring.md) tells how to
scrape it and how to read it. Times are in Unix seconds. This page is made from \`lib/monitoring/metrics.ts\` by \`npm run generate\`.

${tables.join("\n")}`;
}

function codes(labels: readonly string[]): string {
  return labels.map((label) => `\`${label}\``).join(", ");
}
