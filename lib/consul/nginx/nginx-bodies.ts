/**
 * How large a body may be: Consul reads one whole, and writes what it names into its log, before it asks for any right.
 * What takes more than the usual is a value, a transaction, or a policy with the names of thousands of services.
 */
export const BODY = { usual: "64k", large: "1m" } as const;

/** The paths at which a body may be large. */
export const LARGE_PATHS = "^/v1/(kv/|acl/|txn$)";

/** The same, as a location takes them. */
export const TAKES_LARGE = `~ ${LARGE_PATHS}`;

/**
 * Configuration entries are deeply nested, and Consul reads one of 54 KB for 2.6 s before it asks for any right. Nothing here
 * uses them; what people write by hand has 1 or 2 KB.
 */
export const CONFIG_ENTRIES = "~ ^/v1/config(/|$)";

/** What a location says about the body of one: its length is told beforehand, so that it is refused in its first location. */
export const SMALL_BODY = `      client_max_body_size 8k;
      client_body_buffer_size 8k;
      if ($http_transfer_encoding) {
        return 411;
      }`;

/** How many requests with a large body may be under way: each holds it in memory. */
export interface LargeBodies {
  readonly perAddress: number;
  readonly all: number;
}

/** What a location says about bodies. A whole one fits into the memory for it, so none is written to a disk. */
export function renderBody(size: (typeof BODY)[keyof typeof BODY]): string {
  return `      client_max_body_size ${size};
      client_body_buffer_size ${size};`;
}

/**
 * What `http` says so that a location can count large bodies: those of more than 64 KiB, and those that do not say how long
 * they are. An empty key is not counted.
 */
export const COUNT_LARGE_BODIES = `  map "$http_transfer_encoding|$content_length" $large_body {
    "~^[^|]" yes;
    "~[1-9][0-9]{5}" yes;
    "~[|]0*([7-9][0-9]{4}|6[6-9][0-9]{3}|65[6-9][0-9]{2}|655[4-9][0-9]|6553[7-9])$" yes;
    default "";
  }
  map $large_body $large_body_of {
    yes $binary_remote_addr;
    default "";
  }
  map "$request_method $large_body" $large_read {
    "~^(GET|HEAD) yes$" yes;
    default "";
  }
  limit_conn_zone $large_body_of zone=large_bodies_per_address:1m;
  limit_conn_zone $large_body zone=large_bodies_all:32k;`;

/** What `server` says so that large bodies are those of writes alone. */
export const NO_LARGE_BODY_OF_A_READ = `    if ($large_read) {
      return 413;
    }`;

/** What a location says in which bodies may be large. */
export function renderLargeBodies({ perAddress, all }: LargeBodies): string {
  return `      limit_conn large_bodies_per_address ${perAddress};
      limit_conn large_bodies_all ${all};`;
}
