import { METRICS } from "./metrics.js";

/** Joins by what tells services apart. */
export const BY_SERVICE = "on (service, team)";

/** The job of the platform's own programs. */
export const JOB = "rollcall";

/** The job of the Consul servers. */
export const SERVER_JOB = "consul-server";

/** The job of the blackbox exporter's probes. */
export const PROBE_JOB = "rollcall-probes";

/** The job of the services' own metrics. */
export const APPLICATION_JOB = "rollcall-applications";

/** The jobs of the platform's own Prometheus and Alertmanager. */
export const SELF_JOB = { prometheus: "prometheus", alertmanager: "alertmanager" } as const;

/** 1 while discovery hands out an instance of a service, 0 while not. */
export const SERVICE_UP = `max by (service, team) (${METRICS.serviceUp.name})`;

/** True while the servers do not reach the agent: nothing that is said of its services can be believed. */
export const AGENT_LOST = `(${METRICS.agentUp.name} == 0)`;

/** True while nobody can say anything: the monitor is gone, or no server answers it. */
export const BLIND = `absent(${METRICS.consulReachable.name} == 1)`;

/** True while the servers have no leader, as far as they can be asked. */
export const LEADERLESS = `(absent(${METRICS.consulLeader.name} == 1) unless on () ${BLIND})`;

/** True while a Consul server cannot be scraped. */
export const SERVER_LOST = `(up{job="${SERVER_JOB}"} == 0)`;

/** How many instances of a service are in one of these states, such as `critical|missing`. */
export function instances(states: string): string {
  return `sum by (service, team) (${METRICS.serviceInstances.name}{state=~"${states}"})`;
}

/** An expression without what the given ones explain: one cause is told once. */
export function unless(expr: string, ...explanations: readonly string[]): string {
  return [expr, ...explanations].join("\nunless ");
}
