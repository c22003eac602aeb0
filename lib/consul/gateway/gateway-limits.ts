import { connectionsFor, type Front } from "../nginx/nginx-front.js";

/**
 * How many requests may be under way; what comes beyond is answered 429 at once (decision 017 has the measurements). One
 * address may not use up what is there for all, and blocking queries not what is there for the rest. The host's programs
 * share one address, the bridge's. All together stay below the 1,000 connections that a server takes from one address,
 * also when only one server is left. Of the places for short requests, those beyond `greedy` are kept for addresses that
 * ask no more than is `modest`: many greedy ones together leave room too (decision 020).
 */
export const GATEWAY_LIMITS = {
  blocking: { perAddress: 250, all: 520 },
  others: { perAddress: 120, greedy: 120, all: 400 },
  modest: { perSecond: 80, burst: 20, perAddress: 60 },
  /** Those with a body of more than 64 KiB, which stands in memory until it is whole. */
  large: { perAddress: 24, all: 48 },
} as const;

/**
 * How many connections may be open, whatever is asked on them. The host's programs share one address. All together have
 * as many ends as a process has files where a Docker engine was started with 20,000 for each.
 */
export const FRONTS = {
  http: { name: "http", listen: ["8500"], perAddress: 4800, all: 5200 },
  https: { name: "https", listen: ["8501"], perAddress: 500, all: 600 },
} as const satisfies Record<string, Front>;

/**
 * To the servers: one for each request, those that are kept, three for each write of which it is asked who sent it, and
 * room for what is just being closed.
 */
const TO_SERVERS = GATEWAY_LIMITS.blocking.all + 4 * GATEWAY_LIMITS.others.all + 64 + 200;

/** What `worker_connections` takes. */
export const CONNECTIONS = connectionsFor(Object.values(FRONTS), TO_SERVERS);

/** What `http` says so that locations can count requests. */
export const COUNT_REQUESTS = `  limit_conn_zone $binary_remote_addr zone=blocking_per_address:1m;
  limit_conn_zone $binary_remote_addr zone=others_per_address:1m;
  limit_conn_zone all zone=blocking_all:32k;
  limit_conn_zone all zone=others_all:32k;
  limit_conn_zone $greedy zone=others_greedy:32k;
  limit_conn_zone $modest zone=modest_per_address:1m;
  limit_conn_status 429;
  # This rate refuses nobody: it tells which requests compete for the places of the greedy. An empty key is not counted.
  limit_req_zone $binary_remote_addr zone=modest:1m rate=${GATEWAY_LIMITS.modest.perSecond}r/s;
  limit_req_dry_run on;
  map $limit_req_status $greedy {
    REJECTED_DRY_RUN yes;
    default "";
  }
  # What a greedy address asks within the rate must not fill the places of the modest, when answers are slow.
  map $limit_req_status $modest {
    REJECTED_DRY_RUN "";
    default $binary_remote_addr;
  }`;

/** The bounds on blocking queries, as a location says them. */
export const BLOCKING = `      limit_conn blocking_per_address ${GATEWAY_LIMITS.blocking.perAddress};
      limit_conn blocking_all ${GATEWAY_LIMITS.blocking.all};`;

/** The bounds on all others. */
export const OTHERS = `      limit_req zone=modest burst=${GATEWAY_LIMITS.modest.burst} nodelay;
      limit_conn others_per_address ${GATEWAY_LIMITS.others.perAddress};
      limit_conn modest_per_address ${GATEWAY_LIMITS.modest.perAddress};
      limit_conn others_greedy ${GATEWAY_LIMITS.others.greedy};
      limit_conn others_all ${GATEWAY_LIMITS.others.all};`;
