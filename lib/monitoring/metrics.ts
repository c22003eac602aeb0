/*
 * The metrics that the platform's own programs export. Each name stands here once: the programs, the rules, the
 * dashboards, the documentation and the tests take it from here.
 */

/** A program that answers `/metrics` in the control plane. */
export type Exporter = "monitor" | "backup" | "registrar";

/** One metric, as its reader sees it. */
export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  /** What a value says, in one sentence. */
  readonly help: string;
  /** Besides those that a scrape adds. */
  readonly labels: readonly string[];
  /** The programs that export it. The monitor passes on what it reads from another one. */
  readonly exporters: readonly Exporter[];
}

/** What the instances of a service can be in. */
export const INSTANCE_STATES = ["passing", "warning", "critical", "missing", "maintenance", "unknown"] as const;

/** One of them. `unknown`: its agent is gone, or Consul does not answer or has no leader, so nobody can say. */
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** The values of `rollcall_check_state`. */
export const CHECK_STATE = { passing: 2, warning: 1, critical: 0 } as const;

const SERVICE = ["service", "team"] as const;

type Rest = Pick<Metric, "help"> & { readonly labels?: readonly string[]; readonly by?: readonly Exporter[] };

function metric<Name extends string>(name: Name, type: Metric["type"], { help, labels = [], by = ["monitor"] }: Rest) {
  return { name, type, help, labels, exporters: by } satisfies Metric;
}

function gauge<Name extends string>(name: Name, rest: Rest) {
  return metric(name, "gauge", rest);
}

function counter<Name extends string>(name: Name, rest: Rest) {
  return metric(name, "counter", rest);
}

/** All metrics, by the name that code calls them. */
export const METRICS = {
  serviceUp: gauge("rollcall_service_up", {
    help: "1 while discovery hands out at least one instance of a declared service, else 0; absent while the monitor cannot know.",
    labels: SERVICE,
  }),
  serviceInstances: gauge("rollcall_service_instances", {
    help: "How many declared instances of a service are in a state: passing, warning, critical, missing (declared and not registered), maintenance, or unknown (its agent is gone, or Consul does not answer or has no leader).",
    labels: [...SERVICE, "state"],
  }),
  serviceChanges: counter("rollcall_service_changes_total", {
    help: "How often an instance of a service went from one state to another since the monitor started.",
    labels: SERVICE,
  }),
  serviceLastChange: gauge("rollcall_service_last_change_timestamp_seconds", {
    help: "When an instance of a service last went from one state to another; absent where none was seen to.",
    labels: SERVICE,
  }),
  checkState: gauge("rollcall_check_state", {
    help: "What Consul has for one check of a declared instance: 2 passing, 1 warning, 0 critical; absent while its instance is unknown.",
    labels: [...SERVICE, "id", "check"],
  }),
  serviceInfo: gauge("rollcall_service_info", {
    help: "1 for each declared service, with what its declaration says as labels.",
    labels: [...SERVICE, "address", "kind", "severity", "slo", "latency", "owner", "runbook"],
  }),
  agentUp: gauge("rollcall_agent_up", {
    help: "1 while the servers reach the agent that services are registered on, else 0; absent while the monitor cannot know.",
    labels: ["node"],
  }),
  consulReachable: gauge("rollcall_consul_reachable", {
    help: "1 while at least one server answers the monitor, else 0: the monitor knows nothing new of the services.",
  }),
  consulLeader: gauge("rollcall_consul_leader", {
    help: "1 for a server that names itself the leader, 0 for one that does not; absent for one that does not answer.",
    labels: ["server"],
  }),
  consulLastContact: gauge("rollcall_consul_last_contact_seconds", {
    help: "How long ago the server that answered last had heard from the leader.",
  }),
  dataAge: gauge("rollcall_data_age_seconds", {
    help: "How old what the monitor knows of the services is: below 10 seconds while all is well; from 20 seconds on their states are unknown.",
  }),
  catalogDeclared: gauge("rollcall_catalog_declared", {
    help: "How many instances are declared: the values below catalog/ in Consul KV.",
  }),
  catalogRegistered: gauge("rollcall_catalog_registered", {
    help: "How many of the declared instances are registered in Consul.",
  }),
  catalogExtra: gauge("rollcall_catalog_extra", {
    help: "How many instances are registered that no declaration names.",
  }),
  catalogRefused: gauge("rollcall_catalog_refused", {
    help: "How many values in Consul KV are refused because they are no service definition.",
  }),
  catalogInSync: gauge("rollcall_catalog_in_sync", {
    help: "1 while all that is declared is registered, nothing else is, and no value is refused, else 0.",
  }),
  catalogLastChange: gauge("rollcall_catalog_last_change_timestamp_seconds", {
    help: "When the monitor last saw the declarations in Consul KV change; absent before the first time.",
  }),
  certificateNotAfter: gauge("rollcall_certificate_not_after_timestamp_seconds", {
    help: "When a certificate ends, as a handshake shows it: of the ca, the gateway, the agent, or a server.",
    labels: ["part"],
  }),
  gatewayUp: gauge("rollcall_gateway_up", {
    help: "1 while the gateway answers the monitor with what a server says, else 0.",
  }),
  gatewayProbeSeconds: gauge("rollcall_gateway_probe_seconds", {
    help: "How long the gateway took for its last answer to the monitor; absent while it does not answer.",
  }),
  hostCpu: gauge("rollcall_host_cpu_ratio", {
    help: "Which part of the host's processors was busy over the last measurement, from 0 to 1.",
  }),
  hostMemory: gauge("rollcall_host_memory_ratio", {
    help: "Which part of the host's memory is in use, from 0 to 1; what the kernel uses as cache counts as free.",
  }),
  hostDisk: gauge("rollcall_host_disk_ratio", {
    help: "Which part of the disk with Docker's data is in use, from 0 to 1.",
  }),
  hostDiskFree: gauge("rollcall_host_disk_free_bytes", {
    help: "How many bytes are free on the disk with Docker's data.",
  }),
  backupLastSuccess: gauge("rollcall_backup_last_success_timestamp_seconds", {
    help: "When the scheduled backup last made one; 0 where there is none yet; absent where none is scheduled.",
    by: ["monitor", "backup"],
  }),
  backupInterval: gauge("rollcall_backup_interval_seconds", {
    help: "How often a backup is to be made; absent where none is scheduled.",
    by: ["monitor", "backup"],
  }),
  backupLastSize: gauge("rollcall_backup_last_size_bytes", {
    help: "How large the last scheduled backup is.",
    by: ["backup"],
  }),
  backupKept: gauge("rollcall_backup_kept", { help: "How many scheduled backups are kept.", by: ["backup"] }),
  backupFailures: counter("rollcall_backup_failures_total", {
    help: "How often the scheduled backup failed since it started.",
    by: ["backup"],
  }),
  historyLastSeq: gauge("rollcall_history_last_seq", {
    help: "The number of the last event that the monitor has written.",
  }),
  serviceNotFoundSince: gauge("rollcall_service_not_found_since_timestamp_seconds", {
    help: "Since when discovery hands out no instance; absent while it does, and where the monitor did not see it begin.",
    labels: ["service", "team"],
  }),
  alertingLastHeard: gauge("rollcall_alerting_last_heard_timestamp_seconds", {
    help: "When Alertmanager last said that it works; absent where it never did (monitoring off).",
  }),
  registrarDeclared: gauge("rollcall_registrar_declared", {
    help: "How many values the registrar sees below catalog/ in Consul KV.",
    by: ["registrar"],
  }),
  registrarRegistered: gauge("rollcall_registrar_registered", {
    help: "How many services the registrar has in place at the agent.",
    by: ["registrar"],
  }),
  registrarRefused: gauge("rollcall_registrar_refused", {
    help: "How many values or services the registrar or the agent refuse.",
    by: ["registrar"],
  }),
  registrarInSync: gauge("rollcall_registrar_in_sync", {
    help: "1 while the registrar has told the agent all that is declared and nothing troubles it, else 0.",
    by: ["registrar"],
  }),
  registrarLastChange: gauge("rollcall_registrar_last_change_timestamp_seconds", {
    help: "When the agent last took a change from the registrar; 0 before the first one.",
    by: ["registrar"],
  }),
  registrarLastCarry: gauge("rollcall_registrar_last_carry_seconds", {
    help: "How long the last change took from Consul KV to the agent.",
    by: ["registrar"],
  }),
  registrarCarrySeconds: counter("rollcall_registrar_carry_seconds_total", {
    help: "How long all changes together took from Consul KV to the agent.",
    by: ["registrar"],
  }),
  registrarCarries: counter("rollcall_registrar_carries_total", {
    help: "How many changes the registrar has carried from Consul KV to the agent.",
    by: ["registrar"],
  }),
  residentMemory: gauge("process_resident_memory_bytes", {
    help: "How much memory the program uses.",
    by: ["monitor", "registrar"],
  }),
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = (typeof METRICS)[keyof typeof METRICS]["name"];
