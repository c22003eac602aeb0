import type { Catalog } from "../../catalog/types.js";
import { testFiles } from "../cases/all.js";
import { DASHBOARDS } from "../dashboards/all-dashboards.js";
import { renderDashboard } from "../dashboards/render-dashboard.js";
import type { PlatformFacts } from "../records/constants.js";
import { renderRules } from "../render-rules.js";
import type { RuleFile } from "../rule.js";
import { ruleFiles } from "../rules.js";
import { renderAlertmanagerConfig } from "./alertmanager-config.js";
import { renderBlackboxConfig } from "./blackbox-config.js";
import { renderBlackboxMap, renderDashboardMaps, renderPrometheusRules, renderScrapeSecret } from "./kubernetes.js";
import { type Probe, probesOf, type TargetGroup } from "./probes.js";
import { renderDashboardProvider, renderDataSource } from "./provisioning.js";
import { renderReadme } from "./readme.js";
import { EXPORTED, type Place, renderScrapeConfig, scrapeConfigs, TARGET_FILES } from "./scrape-config.js";
import { applicationTargets, renderTargets } from "./targets.js";

/** For whom the files are: a Prometheus with files, or the Prometheus Operator. */
export type ExportFormat = "prometheus" | "kubernetes";

/** What the files are made of. */
export interface Exported {
  readonly catalog: Catalog;
  readonly place: Place;
  readonly facts: PlatformFacts;
  /** The address of docs/runbooks.md, as alerts link to it. */
  readonly runbooks: string;
}

/** Every file of an export, by its path in the folder; the same for the same catalog and settings. Pure. */
export function exportedFiles(exported: Exported, format: ExportFormat): ReadonlyMap<string, string> {
  const { catalog, place, runbooks, facts } = exported;
  // Two services of a catalog that change places change no file.
  const services = [...catalog.services].sort((a, b) => (a.id < b.id ? -1 : 1));
  const rules = ruleFiles(services, facts);
  const parts = { place, rules, runbooks, probes: probesOf(services), applications: applicationTargets(services) };
  const files: readonly File[] = [
    ["README.md", renderReadme(place, format)],
    ...rules.map((file): File => [`rules/${file.name}`, renderRules(file, { runbooks })]),
    ...Object.entries(testFiles("../rules", runbooks)).map(([name, text]): File => [`tests/${name}`, text]),
    ["alertmanager.yml", renderAlertmanagerConfig(catalog.teams.map(({ name }) => name))],
    ...(format === "prometheus" ? forPrometheus(parts) : forKubernetes(parts)),
  ];
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type File = readonly [path: string, text: string];

/** What both formats are made of. */
interface Parts {
  readonly place: Place;
  readonly rules: readonly RuleFile[];
  readonly runbooks: string;
  readonly probes: readonly Probe[];
  readonly applications: readonly TargetGroup[];
}

function forPrometheus({ place, probes, applications }: Parts): readonly File[] {
  return [
    ["scrape.yml", renderScrapeConfig(place)],
    [TARGET_FILES.probes, renderTargets(probes.map(({ target }) => target))],
    [TARGET_FILES.applications, renderTargets(applications)],
    ["blackbox.yml", renderBlackboxConfig(probes)],
    ...[...dashboards()].map(([name, text]): File => [`grafana/dashboards/${name}`, text]),
    ["grafana/provisioning/dashboards/rollcall.yml", renderDashboardProvider()],
    ["grafana/provisioning/datasources/rollcall.yml", renderDataSource()],
  ];
}

function forKubernetes({ place, rules, runbooks, probes, applications }: Parts): readonly File[] {
  const inline = { probes: probes.map(({ target }) => target), applications };
  return [
    ["kubernetes/rules.yaml", renderPrometheusRules(rules, { runbooks })],
    ["kubernetes/scrape.yaml", renderScrapeSecret(scrapeConfigs(place, { ...EXPORTED, targets: inline }))],
    ["kubernetes/blackbox.yaml", renderBlackboxMap(renderBlackboxConfig(probes))],
    ["kubernetes/dashboards.yaml", renderDashboardMaps(dashboards())],
  ];
}

function dashboards(): ReadonlyMap<string, string> {
  return new Map(DASHBOARDS.map((dashboard) => [`${dashboard.uid}.json`, renderDashboard(dashboard)]));
}
