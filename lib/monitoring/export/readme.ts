import { MONITORING_VERSIONS } from "../../monitoring-versions.js";
import { NETWORKS, PARTS } from "../../platform-names.js";
import { RECEIVERS_FOLDER } from "./alertmanager-config.js";
import { OWN_FILES, type Place } from "./scrape-config.js";

/** The versions that the exported files were tested with; older ones lack what the rules use. */
const TESTED_WITH = {
  ...MONITORING_VERSIONS,
  grafanaSchema: 42,
} as const;

/** What the exported folder says of itself. Pure. */
export function renderReadme({ prefix }: Place, format: "prometheus" | "kubernetes"): string {
  return `# Monitoring of Rollcall

Made by \`npx rollcall monitoring export\`. Change the catalog and export again instead of editing a file: the next export
writes over it. \`--check\` exits with 1 where this folder is not what the catalog says, for a job in a pull request.

Tested with Prometheus ${TESTED_WITH.prometheus}, Alertmanager ${TESTED_WITH.alertmanager}, blackbox exporter ${TESTED_WITH.blackbox}, and dashboards of Grafana's
schema ${TESTED_WITH.grafanaSchema}. They need Prometheus 2.43 or newer (\`keep_firing_for\`, \`scrape_config_files\`) and Alertmanager 0.26
(\`url_file\`). One Prometheus for each platform: the rules count all services that they see as those of one. Give it
\`external_labels: { platform: NAME }\`, and keep at least 31 days where a service has an \`slo\`.

${format === "prometheus" ? PROMETHEUS : KUBERNETES}
## What only you have

| file, below Prometheus' configuration | what it holds |
|---|---|
| \`${OWN_FILES.token}\` | the token that \`npx rollcall token metrics\` prints. It is read anew at each scrape: after \`rotate tokens\` write the new one |
| \`${OWN_FILES.ca}\` | the platform's authority: \`docker exec ${prefix}${PARTS.agent} cat /rollcall/secrets/ca.pem\` |
| \`${OWN_FILES.certificate}\`, \`${OWN_FILES.key}\` | a certificate of that authority with its key: servers answer nobody without one. Until the platform makes one for Prometheus, the gateway's serves: \`docker exec ${prefix}${PARTS.gateway} cat /rollcall/secrets/pair.pem\` holds both. Keep them as what they are, secrets of the platform |

Each receiver of \`alertmanager.yml\` is a webhook whose address stands in a file of its name, such as
\`${RECEIVERS_FOLDER}/platform-page.url\`. Change them to what you use: Slack, e-mail, PagerDuty.

## Networks

Prometheus must reach the network \`${prefix}${NETWORKS.control}\`, where monitor, registrar and servers answer, and the services'
own metrics; the blackbox exporter the network \`${prefix}${NETWORKS.platform}\`, where the services are. Nothing of it is
published on the host. What stands in both networks is a way from one to the other: run nothing else there.
`;
}

const PROMETHEUS = `| file | goes to |
|---|---|
| \`rules/*.rules.yml\` | Prometheus, \`rule_files\` |
| \`tests/*.test.yml\` | \`promtool test rules tests/*.test.yml\`: each alert fires where it should, and only there |
| \`scrape.yml\`, \`targets/*.json\` | Prometheus, \`scrape_config_files\`; targets are read anew when they change |
| \`blackbox.yml\` | the blackbox exporter, \`--config.file\` |
| \`alertmanager.yml\` | Alertmanager; each receiver's address stands in a file |
| \`grafana/dashboards/*.json\` | Grafana, \`/etc/grafana/dashboards/rollcall\` |
| \`grafana/provisioning/\` | Grafana, \`/etc/grafana/provisioning\`; correct the address of Prometheus |
`;

const KUBERNETES = `\`kubectl apply --namespace monitoring -f kubernetes/\`, with the Prometheus Operator:

| file | what it is |
|---|---|
| \`kubernetes/rules.yaml\` | a PrometheusRule for each file of rules |
| \`kubernetes/scrape.yaml\` | a Secret for \`additionalScrapeConfigs\`, targets included |
| \`kubernetes/blackbox.yaml\` | the modules of the blackbox exporter |
| \`kubernetes/dashboards.yaml\` | a ConfigMap for each dashboard, found by Grafana's sidecar |
| \`tests/*.test.yml\`, \`rules/*.rules.yml\` | the same rules for \`promtool test rules\` |
| \`alertmanager.yml\` | Alertmanager's routes; each receiver's address stands in a file |
`;
