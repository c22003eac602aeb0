import { type Check, ownPortOf } from "../../../lib/catalog/checks.js";
import { kvKey, kvSubkey, renderDefinition } from "../../../lib/catalog/definition.js";
import { dnsName } from "../../../lib/catalog/discoverable.js";
import { hostPort } from "../../../lib/catalog/host-port.js";
import { ALERT_IF_LEFT_OUT } from "../../../lib/catalog/monitored.js";
import { seesFastBurn } from "../../../lib/catalog/slo.js";
import type { Catalog, DynamicService, Service } from "../../../lib/catalog/types.js";
import { unknownService } from "./unknown-service.js";

/** A line an instance: name, team, address and port, what checks it; and a line a service whose instances come and go. */
export function list({ services, dynamic }: Catalog): string {
  const rows = [
    ...services.map((service) => [kvSubkey(service), service.team, hostPort(service), checksInWords(service)]),
    ...dynamic.map(({ name, team }) => [name, team, "dynamic", REGISTERS_ITSELF]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

/**
 * A service, each of its instances with every default filled in: who owns it, where it is declared, and its definition
 * as Consul gets it. NAME may be an instance's id.
 * @throws UserError where the catalog has no such service, with the name that was probably meant
 */
export function show({ services, dynamic, teams }: Catalog, name: string): string {
  const own = dynamic.find((one) => one.name === name);
  if (own !== undefined)
    return [`${name}, declared by ${own.team} as dynamic: ${REGISTERS_ITSELF}`, queryOf(own), watched(own)].join("\n");
  const found = services.filter((one) => one.name === name || one.id === name);
  if (found.length === 0) throw unknownService(name, services);
  return found
    .map((service) => {
      const file = teams.find((team) => team.name === service.team)?.file ?? "";
      const heading = [
        `${kvSubkey(service)}, declared by ${service.team} in ${file}`,
        `in Consul KV under ${kvKey(service)}`,
        queryOf(service),
        watched(service),
        ...service.checks.flatMap(({ check }) => (check.kind === "none" ? [`not checked: ${check.reason}`] : [])),
      ];
      return `${heading.join("\n")}\n${JSON.stringify(renderDefinition(service), null, 2)}`;
    })
    .join("\n\n");
}

/** How applications find it besides by its name. */
function queryOf({ name, failover = [] }: Service | DynamicService): string {
  const then = failover.length === 0 ? "no failover" : `then in ${failover.join(", ")}`;
  return `prepared query ${dnsName(name)}.query.consul: instances here, ${then}`;
}

/** What alerts and dashboards are made of. */
function watched(service: Service | DynamicService): string {
  const { alert = ALERT_IF_LEFT_OUT, slo, latency, owner, runbook, metrics } = service;
  const isFast = slo === undefined || !("checks" in service) || seesFastBurn(service);
  return [
    `alert ${alert}`,
    ...(slo === undefined
      ? []
      : [`slo ${slo} %${isFast ? "" : " (without the fastest burn, which its checks do not see)"}`]),
    ...(latency === undefined ? [] : [`95 % of the probes within ${latency}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(runbook === undefined ? [] : [`runbook ${runbook}`]),
    ...(metrics === undefined ? [] : [`metrics at ${metrics.path}`]),
  ].join(", ");
}

/** Every definition as one Consul configuration file, which `consul validate` and any Consul agent take. */
export function render({ services }: Catalog): string {
  return JSON.stringify({ services: services.map(renderDefinition) }, null, 2);
}

const REGISTERS_ITSELF = "its instances register themselves";

function checksInWords({ checks }: Service): string {
  return checks.map(({ name, check }) => (name === check.kind ? "" : `${name}: `) + checkInWords(check)).join("; ");
}

function checkInWords(check: Check): string {
  switch (check.kind) {
    case "none":
      return `none: ${check.reason}`;
    case "alias":
      return `as healthy as ${check.service}`;
    case "ttl":
      return `heartbeat within ${check.ttl}`;
    case "http":
      return `http ${check.method} ${check.url ?? check.path}${onPort(check)} every ${check.interval}, within ${check.timeout}${check.redirects === true ? ", following redirects" : ""}`;
    default:
      return `${check.kind}${onPort(check)} every ${check.interval}, within ${check.timeout}`;
  }
}

function onPort(check: Check): string {
  const port = ownPortOf(check);
  return port === undefined ? "" : ` on port ${port}`;
}
