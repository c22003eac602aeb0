import { Document } from "yaml";

/** Grafana's file that has it read the dashboards beside it. Pure. */
export function renderDashboardProvider(): string {
  return new Document({
    apiVersion: 1,
    providers: [
      {
        name: "rollcall",
        folder: "Rollcall",
        type: "file",
        // Who changes one in Grafana would lose it with the next export.
        allowUiUpdates: false,
        options: { path: "/etc/grafana/dashboards/rollcall" },
      },
    ],
  }).toString({ lineWidth: 0 });
}

/** Grafana's file that names the Prometheus; the address is for the team to correct. Pure. */
export function renderDataSource(): string {
  return new Document({
    apiVersion: 1,
    datasources: [{ name: "Prometheus", type: "prometheus", access: "proxy", url: "http://prometheus:9090" }],
  }).toString({ lineWidth: 0 });
}
