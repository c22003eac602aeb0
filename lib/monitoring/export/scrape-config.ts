import { Document } from "yaml";
import { PARTS, PROGRAM_PORTS, serverName } from "../../platform-names.js";
import { PROBER } from "../../prober.js";
import type { Settings } from "../../settings.js";
import { APPLICATION_JOB, JOB, PROBE_JOB, SERVER_JOB } from "../promql.js";
import type { TargetGroup } from "./probes.js";

/** Where the exported files expect what a team puts there itself, below Prometheus' configuration. */
export const OWN_FILES = {
  /** The token of `npx rollcall token metrics`. */
  token: "secrets/consul-token",
  ca: "secrets/ca.pem",
  certificate: "secrets/client.pem",
  key: "secrets/client-key.pem",
} as const;

/** The files of targets, beside the configuration. */
export const TARGET_FILES = { probes: "targets/probes.json", applications: "targets/applications.json" } as const;

/** Of the settings, what the addresses are made of. */
export type Place = Pick<Settings, "prefix" | "servers" | "datacenter">;

/** How a Prometheus reaches a platform, and where it has its files. */
export interface Reach {
  /** Its own files, by what they are. */
  readonly own: Readonly<Record<keyof typeof OWN_FILES, string>>;
  /** The files of targets, or the targets themselves where there are none. */
  readonly targets: Readonly<Record<keyof typeof TARGET_FILES, string>> | InlineTargets;
  /** The exporter that makes the probes. */
  readonly blackbox: string;
  /** The one that makes those that the platform's prober answers. @default - the same */
  readonly proberBlackbox?: string;
}

/** The exported files, below Prometheus' configuration. */
export const EXPORTED: Reach = { own: OWN_FILES, targets: TARGET_FILES, blackbox: "blackbox-exporter:9115" };

/** An application's own metrics come from outside the platform: none of them may fill Prometheus. */
const BOUNDS = {
  ...{ sample_limit: 5000, body_size_limit: "5MB", label_limit: 30, scrape_timeout: "5s" },
  // Nor may one have Prometheus ask somebody else,
  follow_redirects: false,
  // or say something in the platform's name: the rules believe whoever says that the agent is lost.
  metric_relabel_configs: [
    { source_labels: ["__name__"], regex: "up|(rollcall[_:]|consul_|probe_|service:|team:|ALERTS).*", action: "drop" },
  ],
};

/** What stands in the configuration itself where there are no files of targets. */
export interface InlineTargets {
  readonly probes: readonly TargetGroup[];
  readonly applications: readonly TargetGroup[];
}

/** What of Prometheus' configuration scrapes a platform, a list of jobs. Pure. */
export function scrapeConfigs(place: Place, { own, targets, blackbox, proberBlackbox }: Reach): readonly object[] {
  const targetsOf = (of: keyof InlineTargets) => {
    const found = targets[of];
    return typeof found === "string" ? { file_sd_configs: [{ files: [found] }] } : { static_configs: found };
  };
  const { prefix, servers, datacenter } = place;
  const consul = (name: string) => ({
    scheme: "https",
    metrics_path: "/v1/agent/metrics",
    params: { format: ["prometheus"] },
    authorization: { credentials_file: own.token },
    tls_config: { ca_file: own.ca, cert_file: own.certificate, key_file: own.key, server_name: name },
  });
  const at = (part: keyof typeof PROGRAM_PORTS) => `${prefix}${PARTS[part]}:${PROGRAM_PORTS[part]}`;
  // What a scheduled backup says the monitor passes on: scraped as well, it would be told twice.
  const programs = [at("monitor"), at("registrar")];
  return [
    {
      job_name: JOB,
      scrape_interval: "5s",
      scrape_timeout: "4s",
      static_configs: [{ targets: programs }],
    },
    {
      job_name: SERVER_JOB,
      scrape_interval: "15s",
      ...consul(`server.${datacenter}.consul`),
      // Alerts tell servers apart by the name that the monitor has for each.
      static_configs: Array.from({ length: servers }, (_, index) => serverName(index + 1)).map((server) => ({
        targets: [`${prefix}${server}:8501`],
        labels: { server },
      })),
    },
    {
      job_name: "consul-agent",
      scrape_interval: "15s",
      ...consul(`client.${datacenter}.consul`),
      static_configs: [{ targets: [`${prefix}${PARTS.agent}:8501`] }],
    },
    {
      job_name: PROBE_JOB,
      metrics_path: "/probe",
      ...targetsOf("probes"),
      relabel_configs: [
        { source_labels: ["__address__"], target_label: "__param_target" },
        { source_labels: ["__param_target"], target_label: "instance" },
        { target_label: "__address__", replacement: blackbox },
        ...(proberBlackbox === undefined
          ? []
          : [
              {
                source_labels: ["__param_target"],
                regex: `https?://${PROBER.host}[:/].*`,
                target_label: "__address__",
                replacement: proberBlackbox,
              },
            ]),
      ],
    },
    {
      job_name: APPLICATION_JOB,
      scrape_interval: "15s",
      ...BOUNDS,
      ...targetsOf("applications"),
    },
  ];
}

/** The same as a file for `scrape_config_files`. Pure. */
export function renderScrapeConfig(place: Place): string {
  return new Document({ scrape_configs: scrapeConfigs(place, EXPORTED) }).toString({ lineWidth: 0 });
}
