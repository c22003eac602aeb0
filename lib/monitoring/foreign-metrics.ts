/*
 * The metrics that rules and dashboards take from others than the platform's own programs. Each name stands once; what a
 * running platform exports is compared with it.
 */

/** Who exports a metric. */
export type ForeignExporter = "consul" | "blackbox" | "prometheus" | "alertmanager" | "applications";

/** The names, by who exports them; a summary's or a histogram's series each. */
export const FOREIGN_METRICS: Readonly<Record<ForeignExporter, readonly string[]>> = {
  consul: [
    "consul_acl_blocked_check_registration",
    "consul_acl_blocked_service_registration",
    "consul_autopilot_failure_tolerance",
    "consul_raft_apply",
    "consul_raft_commitTime_count",
    "consul_raft_commitTime_sum",
    "consul_raft_leader_lastContact",
    "consul_raft_state_leader",
    "consul_rpc_request",
    "consul_runtime_alloc_bytes",
    "consul_server_isLeader",
  ],
  blackbox: ["probe_duration_seconds", "probe_success"],
  // `up` of each target that it scrapes, the others of itself.
  prometheus: ["up", "prometheus_config_last_reload_successful", "prometheus_rule_evaluation_failures_total"],
  alertmanager: ["alertmanager_config_last_reload_successful", "alertmanager_notifications_failed_total"],
  // By OpenTelemetry's names; a service may name others in the catalog.
  applications: ["http_server_request_duration_seconds_bucket", "http_server_request_duration_seconds_count"],
};
