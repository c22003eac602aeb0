/** The Consul that runs; `provision/consul/go.mod` names the same version, and a test compares them. */
export const CONSUL_VERSION = "1.22.5";

/** The Consul from which an upgrade to the present one is tested; `provision/consul-before/go.mod` names the same. */
export const CONSUL_BEFORE = "1.22.3";

/** What `ROLLCALL_CONSUL_VERSION` takes. */
export const CONSUL_VERSIONS = [CONSUL_VERSION, CONSUL_BEFORE] as const;

export type ConsulVersion = (typeof CONSUL_VERSIONS)[number];
