import { Document } from "yaml";
import { groupsOf, type RenderOptions } from "../render-rules.js";
import type { RuleFile } from "../rule.js";

/** The label by which Grafana's sidecar finds dashboards, as the charts of kube-prometheus-stack have it. */
const DASHBOARD_LABEL = { grafana_dashboard: "1" };

/** Whoever applies it says in which namespace. */
const LABELS = { "app.kubernetes.io/part-of": "rollcall" };

/** Rules as the Prometheus Operator takes them, a PrometheusRule a file. Pure. */
export function renderPrometheusRules(files: readonly RuleFile[], options: RenderOptions): string {
  return documents(
    files.map((file) => ({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: `rollcall-${file.name.replace(/\.rules\.yml$/, "")}`, labels: LABELS },
      spec: { groups: groupsOf(file, options) },
    })),
  );
}

/** Dashboards for Grafana's sidecar. Pure. @param dashboards their JSON, by the names of their files */
export function renderDashboardMaps(dashboards: ReadonlyMap<string, string>): string {
  return documents(
    [...dashboards].map(([name, json]) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: name.replace(/\.json$/, ""), labels: { ...LABELS, ...DASHBOARD_LABEL } },
      data: { [name]: json },
    })),
  );
}

/** Jobs for `additionalScrapeConfigs` of a Prometheus. Pure. */
export function renderScrapeSecret(jobs: readonly object[]): string {
  return documents([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "rollcall-scrape-configs", labels: LABELS },
      stringData: { "rollcall.yml": new Document(jobs).toString({ lineWidth: 0 }) },
    },
  ]);
}

/** The blackbox exporter's modules, for its container to mount. Pure. */
export function renderBlackboxMap(config: string): string {
  return documents([
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "rollcall-blackbox", labels: LABELS },
      data: { "blackbox.yml": config },
    },
  ]);
}

function documents(all: readonly object[]): string {
  return all
    .map((each) => new Document(each, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }))
    .join("---\n");
}
