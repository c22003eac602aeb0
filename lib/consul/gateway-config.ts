import { PAIR_FILE } from "./agent-config";
import { AUDIT_MAIN, AUDIT_SERVER, AUDIT_WRITES, renderAudit } from "./audit";
import type { Cluster } from "./cluster";
import { ASKED_BY_AUDIT, SERVER_FILES } from "./gateway-servers";
import { ERROR_LOG, LAST_ANSWERS, NGINX_HTTP, renderProxyToServers } from "./nginx";
import { SECRETS, SERVERS } from "./paths";

/** Where `renderGateway` expects the gateway's own certificate with its key (in SECRETS). */
export const GATEWAY_FILES = { pair: PAIR_FILE, config: "nginx.conf" } as const;

const PAIR = `${SECRETS}/${GATEWAY_FILES.pair}`;

/**
 * While this file is there, a write waits a second before it is sent: leadership is handed over, or a snapshot restored
 * (decision 024).
 */
export const HOLDING = "/tmp/holding";

/** Consul's way to hand leadership over. */
export const TRANSFER_LEADER = "/v1/operator/raft/transfer-leader";

/**
 * What a browser may do with a page that came from here. `unsafe-inline` and `wasm-unsafe-eval` are what the Consul
 * UI of 1.22 needs (an inline loader, inline styles, a WebAssembly highlighter).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
].join("; ");

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
  /** Connections, those to the servers included: two a request, and those on which nothing is asked at the moment. */
  connections: 4096,
} as const;

/** The bounds on blocking queries, and on all others, as a location says them. */
const BLOCKING = `      limit_conn blocking_per_address ${GATEWAY_LIMITS.blocking.perAddress};
      limit_conn blocking_all ${GATEWAY_LIMITS.blocking.all};`;
const OTHERS = `      limit_req zone=modest burst=${GATEWAY_LIMITS.modest.burst} nodelay;
      limit_conn others_per_address ${GATEWAY_LIMITS.others.perAddress};
      limit_conn modest_per_address ${GATEWAY_LIMITS.modest.perAddress};
      limit_conn others_greedy ${GATEWAY_LIMITS.others.greedy};
      limit_conn others_all ${GATEWAY_LIMITS.others.all};`;

/**
 * Nginx in front of all servers. A read that a server does not answer, or answers with 500 as it does to what it has
 * under way when it ends, goes to the next one (decision 023), a write only where nothing of it was sent (decision 019):
 * what was sent may have been done. A request with `index=` is a blocking query: Consul holds it up to 10 minutes and
 * adds up to a sixteenth, hence its read time-out of 640 s. Logs carry no query strings: tokens and filters stand in
 * them. Which servers there are stands in files of its own (`gateway-servers.ts`): others are taken while it runs.
 */
export function renderGateway(cluster: Cluster): string {
  return `${AUDIT_MAIN}
daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
${ERROR_LOG}

events {
  worker_connections ${GATEWAY_LIMITS.connections};
}

http {
  server_tokens off;
  client_max_body_size 1m;
  # Whoever opens a connection and says nothing gives it back soon.
  client_header_timeout 10s;
  client_body_timeout 10s;
  limit_conn_zone $binary_remote_addr zone=blocking_per_address:1m;
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
  }
${NGINX_HTTP}

  include ${SERVERS}/${SERVER_FILES.servers};

  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
${renderProxyToServers(cluster, { trust: `${SERVERS}/${SERVER_FILES.ca}`, pair: PAIR })}

  server {
    # A burst waits in the backlog; a full one loses connections, and a client tries again only after a second.
    listen 8500 backlog=4096;
    listen 8501 ssl backlog=4096;
    ssl_certificate ${PAIR};
    ssl_certificate_key ${PAIR};
    ssl_protocols TLSv1.2 TLSv1.3;

${LAST_ANSWERS}
    proxy_hide_header Content-Security-Policy;
    add_header Content-Security-Policy "${CONTENT_SECURITY_POLICY}" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy no-referrer always;

    recursive_error_pages on;

${AUDIT_SERVER}

    # Whoever takes servers away says so by files (decision 024).
    set $write @write;
    if (-f ${HOLDING}) {
      set $write @held_write;
    }
    # The one that it waits for must not wait.
    if ($uri = ${TRANSFER_LEADER}) {
      set $write @write;
    }
    include ${SERVERS}/${SERVER_FILES.writers};

    location / {
      if ($request_method !~ ^(GET|HEAD)$) {
        return 419;
      }
      if ($arg_index != "") {
        return 418;
      }
      error_page 418 = @blocking;
      error_page 419 = $write;
      error_page 500 = @read_again;
      proxy_intercept_errors on;
${OTHERS}
      proxy_pass https://consul_servers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      # Every server, and each once more, but nothing is begun when a second one has used up its time.
      proxy_next_upstream_timeout 8s;
    }

    # One server may be about to end, so two are asked.
    location @read_again {
      proxy_pass https://consul_again;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream error timeout http_500 http_502 http_503 http_504;
      proxy_next_upstream_tries 2;
    }

    # A snapshot is as large as what Consul holds and passes through as it comes; what has begun to be sent is not sent
    # again. Consul asks for the management token before it reads any of it.
    location = /v1/snapshot {
${AUDIT_WRITES}
${OTHERS}
      proxy_pass https://consul_servers;
      client_max_body_size 1g;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 300s;
      proxy_send_timeout 300s;
      proxy_next_upstream error;
    }

    location @blocking {
      error_page 500 = @blocking_again;
      proxy_intercept_errors on;
${BLOCKING}
      proxy_pass https://consul_servers;
      proxy_read_timeout 640s;
      proxy_next_upstream error http_502 http_503;
    }

    location @blocking_again {
      proxy_pass https://consul_again;
      proxy_read_timeout 640s;
      proxy_next_upstream error http_500 http_502 http_503;
      proxy_next_upstream_tries 2;
    }

    # Nginx has nothing to wait with but a question that nobody answers: here one for the address of a name.
    location @held_write {
${OTHERS}
      resolver 127.0.0.1:9;
      resolver_timeout 1s;
      set $nobody held.invalid;
      error_page 502 = @write;
      proxy_pass https://$nobody;
    }

    location @write {
${AUDIT_WRITES}
${OTHERS}
      error_page 502 504 = $unanswered_write;
      proxy_pass https://$writers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream off;
    }

    location @write_failed {
      return 502;
    }

    location @write_timed_out {
      return 504;
    }
  }

${renderAudit({ door: "gateway", consul: `https://${ASKED_BY_AUDIT}` })}
}
`;
}
