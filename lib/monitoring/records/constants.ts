import { ALERT_IF_LEFT_OUT } from "../../catalog/monitored.js";
import { milliseconds } from "../../catalog/monitored-fields.js";
import type { Service } from "../../catalog/types.js";
import type { RecordRule } from "../rule.js";
import { burnLimits } from "./burn-limits.js";

/** What the catalog and the settings say, as series: so the rules need nothing but a Prometheus. */
export const CONSTANTS = {
  /** 1 for each service that somebody is told about, with its `severity`. */
  serviceAlert: "rollcall:service_alert:info",
  /** 1 for each service that names an owner, with its `owner`. */
  serviceOwner: "rollcall:service_owner:info",
  /** 1 for each service that has a runbook, with its `url`. */
  serviceRunbook: "rollcall:service_runbook:info",
  /** From 0 to 1. */
  serviceSlo: "rollcall:service_slo:ratio",
  /** Which part of a window may be missed before the budget burns too fast, by `window`. */
  burnLimit: "rollcall:service_burn_limit:ratio",
  latencyLimit: "rollcall:service_latency_limit:seconds",
  servers: "rollcall:consul_servers:count",
  cpuLimit: "rollcall:host_cpu_limit:ratio",
  memoryLimit: "rollcall:host_memory_limit:ratio",
  diskLimit: "rollcall:host_disk_limit:ratio",
  /** Only where backups are made on schedule. */
  backupEvery: "rollcall:backup_every:seconds",
} as const;

/** What the rules must know of a platform besides its services. */
export interface PlatformFacts {
  /** How many Consul servers it has. */
  readonly servers: number;
  /** How often a backup is made. @default - none is made on schedule */
  readonly backupEverySeconds?: number;
  /** How much of the host may be in use, each from 0 to 1. */
  readonly hostLimits: { readonly cpu: number; readonly memory: number; readonly disk: number };
}

/** The constants of one platform. */
export function constants(services: readonly Service[], facts: PlatformFacts): readonly RecordRule[] {
  const { servers, backupEverySeconds, hostLimits } = facts;
  return [
    constant(CONSTANTS.servers, servers),
    constant(CONSTANTS.cpuLimit, hostLimits.cpu),
    constant(CONSTANTS.memoryLimit, hostLimits.memory),
    constant(CONSTANTS.diskLimit, hostLimits.disk),
    ...(backupEverySeconds === undefined ? [] : [constant(CONSTANTS.backupEvery, backupEverySeconds)]),
    ...byName(services).flatMap(ofService),
  ];
}

/** One of each service, whose instances all say the same; sorted, so that the order of files changes nothing. */
export function byName(services: readonly Service[]): readonly Service[] {
  const key = ({ team, name }: Service) => `${team}/${name}`;
  const first = new Map([...services].reverse().map((service) => [key(service), service]));
  return [...first.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A catalog that does not say who is woken wakes nobody: being woken is decided, service by service. */
function ofService(service: Service): readonly RecordRule[] {
  const { name, team, alert = ALERT_IF_LEFT_OUT, owner, runbook, slo, latency } = service;
  const labels = { service: name, team };
  return [
    ...(alert === "none" ? [] : [constant(CONSTANTS.serviceAlert, 1, { ...labels, severity: alert })]),
    ...(owner === undefined ? [] : [constant(CONSTANTS.serviceOwner, 1, { ...labels, owner })]),
    ...(runbook === undefined ? [] : [constant(CONSTANTS.serviceRunbook, 1, { ...labels, url: runbook })]),
    ...(slo === undefined ? [] : [constant(CONSTANTS.serviceSlo, rounded(slo / 100), labels)]),
    ...burnLimits(service).map(({ window, limit }) =>
      constant(CONSTANTS.burnLimit, rounded(limit), { ...labels, window }),
    ),
    ...(latency === undefined ? [] : [constant(CONSTANTS.latencyLimit, rounded(milliseconds(latency) / 1000), labels)]),
  ];
}

function constant(record: string, value: number, labels?: Readonly<Record<string, string>>): RecordRule {
  return { record, expr: `vector(${value})`, ...(labels === undefined ? {} : { labels }) };
}

/** 99.9 percent is 0.999, not 0.9990000000000001. */
function rounded(ratio: number): number {
  return Number(ratio.toPrecision(10));
}
