/**
 * What watches a platform (`ROLLCALL_MONITORING`). Alertmanager's later versions have no web interface in their Go module,
 * so they could not be built here. The blackbox exporter as built is the one that this machine's Debian or Ubuntu has.
 */
export const MONITORING_VERSIONS = { prometheus: "3.16.0", alertmanager: "0.31.1", blackbox: "0.23.0" } as const;
