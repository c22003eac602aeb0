import { Document } from "yaml";
import { MONITORING_PORTS, PARTS } from "../platform-names.js";
import type { Place, Reach } from "./export/scrape-config.js";
import { scrapeConfigs } from "./export/scrape-config.js";
import { SELF_JOB } from "./promql.js";

/** The platform's own Prometheus, and how it reaches the platform. */
export interface PrometheusConfig {
  readonly place: Place;
  readonly reach: Reach;
  /** Says whose alerts these are, to whoever gets those of several platforms: `external_labels`. */
  readonly platform: string;
  /** The files of rules: one by one, for a file of earlier rules may lie beside them. */
  readonly ruleFiles: readonly string[];
}

/** The paths below which the two have their pages, behind the gateway. */
export const PATHS = { prometheus: "/prometheus", alertmanager: "/alertmanager" } as const;

/** A page of our own, for a Prometheus that has none: the one that is built on this machine. */
export const CONSOLE = "alerts.html";

/** The configuration of the platform's own Prometheus. Pure. */
export function renderPrometheusConfig({ place, reach, platform, ruleFiles }: PrometheusConfig): string {
  const alertmanager = `${place.prefix}${PARTS.alertmanager}:${MONITORING_PORTS.alertmanager}`;
  const own = (name: string, target: string, metricsPath: string) => ({
    job_name: name,
    metrics_path: metricsPath,
    static_configs: [{ targets: [target] }],
  });
  return new Document({
    global: { scrape_interval: "15s", evaluation_interval: "15s", external_labels: { platform } },
    rule_files: ruleFiles,
    alerting: {
      alertmanagers: [{ path_prefix: PATHS.alertmanager, static_configs: [{ targets: [alertmanager] }] }],
    },
    scrape_configs: [
      ...scrapeConfigs(place, reach),
      own(SELF_JOB.prometheus, `127.0.0.1:${MONITORING_PORTS.prometheus}`, `${PATHS.prometheus}/metrics`),
      own(SELF_JOB.alertmanager, alertmanager, `${PATHS.alertmanager}/metrics`),
    ],
  }).toString({ lineWidth: 0 });
}
