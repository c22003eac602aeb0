/** Those that Consul cannot make: the prober makes them (decision 008). */
export const PROBED_KINDS = ["postgres", "redis", "resources"] as const;

/** Those that ask the service itself, so that their time says something of it. */
export const ASKING_KINDS = ["http", "tcp", "grpc", "postgres", "redis"] as const;

/** Those that are made at intervals. */
export const TIMED_KINDS = [...ASKING_KINDS, "resources"] as const;

/** Every kind of check that a catalog knows. */
export const CHECK_KINDS = [...TIMED_KINDS, "ttl", "alias", "none"] as const;
