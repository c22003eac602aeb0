import { CONSUL_VERSION } from "./consul-version";

/**
 * The variables that shape what `up` applies, each with the value that says its default out loud. `up` records those
 * that are set, and takes a missing one for forgotten. Those of a machine, a run or a file that only this machine reads
 * are not here: the next `up` may have others.
 */
export const KEPT_VARIABLES: Readonly<Record<string, string>> = {
  ROLLCALL_CATALOG: "service-catalog",
  ROLLCALL_SERVERS: "3",
  ROLLCALL_CONSUL_VERSION: CONSUL_VERSION,
  ROLLCALL_DATACENTER: "dc1",
  ROLLCALL_PREFIX: "none",
  ROLLCALL_HTTP_PORT: "8500",
  ROLLCALL_HTTPS_PORT: "8501",
  ROLLCALL_CONTROL_SUBNET: "172.30.241.0/24",
  ROLLCALL_PLATFORM_SUBNET: "172.30.242.0/24",
  ROLLCALL_WORKLOADS: "on",
  ROLLCALL_NETWORKS: "none",
  ROLLCALL_COEXIST: "off",
  ROLLCALL_RAFT_MULTIPLIER: "1",
  ROLLCALL_BACKUP_EVERY: "off",
  ROLLCALL_BACKUP_RECIPIENT: "none",
  ROLLCALL_BACKUP_KEEP: "30",
};
