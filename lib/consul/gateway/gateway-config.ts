import { PATHS } from "../../monitoring/prometheus-config.js";
import { PAIR_FILE } from "../agents/agent-config.js";
import type { Cluster } from "../cluster.js";
import { AUDIT_MAIN, AUDIT_SERVER, AUDIT_WRITES, renderAudit } from "../nginx/audit.js";
import { LAST_ANSWERS, NGINX_HTTP, NO_MONITOR, renderProxyToServers } from "../nginx/nginx.js";
import {
  BODY,
  CONFIG_ENTRIES,
  COUNT_LARGE_BODIES,
  LARGE_PATHS,
  NO_LARGE_BODY_OF_A_READ,
  renderBody,
  renderLargeBodies,
  SMALL_BODY,
  TAKES_LARGE,
} from "../nginx/nginx-bodies.js";
import { BEHIND_FRONTS, behind, renderMain } from "../nginx/nginx-front.js";
import { NO_TOKEN, plainQuery } from "../nginx/nginx-parameters.js";
import { SECRETS, SERVERS } from "../paths.js";
import { BROWSER_HEADERS, CONTENT_SECURITY_POLICY, OTHER_SITES } from "./gateway-headers.js";
import { type GatewayPlace, OUR_HOSTS_ALONE, renderHosts } from "./gateway-hosts.js";
import { BLOCKING, CONNECTIONS, COUNT_REQUESTS, FRONTS, GATEWAY_LIMITS, OTHERS } from "./gateway-limits.js";
import { PAGES_ASK, PAGES_HTTP } from "./gateway-pages.js";
import { ASKED_BY_AUDIT, SERVER_FILES } from "./gateway-servers.js";

/** Where `renderGateway` expects the gateway's own certificate with its key (in SECRETS). */
export const GATEWAY_FILES = { pair: PAIR_FILE, config: "nginx.conf" } as const;

const PAIR = `${SECRETS}/${GATEWAY_FILES.pair}`;

/**
 * While this file is there, a write waits two seconds before it is sent: leadership is handed over, or a snapshot
 * restored (decision 024).
 */
export const HOLDING = "/tmp/holding";

/** Consul's way to hand leadership over. */
export const TRANSFER_LEADER = "/v1/operator/raft/transfer-leader";

/** Where a request comes first. What is no short read goes on elsewhere, with the size of the body that it may have. */
const READ = `      if ($request_method !~ ^(GET|HEAD)$) {
        return 419;
      }
      if ($arg_index != "") {
        return 418;
      }
      error_page 418 = @blocking;
      error_page 419 = $write$size;
      error_page 500 = @read_again;
      proxy_intercept_errors on;
${OTHERS}
      proxy_pass https://consul_servers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      # Every server, and each once more, but nothing is begun when a second one has used up its time.
      proxy_next_upstream_timeout 8s;`;

const LARGE = `${renderBody(BODY.large)}
${renderLargeBodies(GATEWAY_LIMITS.large)}`;

const HELD_WRITE = `${OTHERS}
      # Nginx has nothing to wait with but a question that nobody answers: here one for the address of a name.
      resolver 127.0.0.1:9;
      resolver_timeout 2s;
      set $nobody held.invalid;
      error_page 502 = @write$size;
      proxy_pass https://$nobody;`;

const WRITE = `${AUDIT_WRITES}
${OTHERS}
      error_page 502 504 = $after_write;
      proxy_pass https://$writers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream off;`;

/**
 * Nginx in front of all servers. A read that a server does not answer, or answers with 500 as it does to what it has
 * under way when it ends, goes to the next one (decision 023), a write only where nothing of it was sent (decision 019):
 * what was sent may have been done. A request with `index=` is a blocking query: Consul holds it up to 10 minutes and
 * adds up to a sixteenth, hence its read time-out of 640 s. Logs carry no query strings: tokens and filters stand in
 * them. Which servers there are stands in files of its own (`gateway-servers.ts`): others are taken while it runs.
 */
export function renderGateway(cluster: Cluster, place: GatewayPlace): string {
  return `${renderMain({ fronts: Object.values(FRONTS), connections: CONNECTIONS, moreFiles: 100, before: AUDIT_MAIN })}

http {
  server_tokens off;
  # Whoever opens a connection and says nothing gives it back soon.
  client_header_timeout 5s;
  client_body_timeout 10s;
  reset_timedout_connection on;
  # A host name may have 253 characters.
  map_hash_bucket_size 512;
${BEHIND_FRONTS}
${renderHosts(place)}
${NO_TOKEN.http}
${PAGES_HTTP}
${plainQuery("$consul_args").http}
${OTHER_SITES.http}
${COUNT_REQUESTS}
${COUNT_LARGE_BODIES}
${CONTENT_SECURITY_POLICY}
  map $uri $size {
    "~${LARGE_PATHS}" _large;
    default "";
  }
  map $unanswered_write $after_write {
    volatile;
    @write @write$size;
    default $unanswered_write;
  }
${NGINX_HTTP}

  include ${SERVERS}/${SERVER_FILES.servers};

  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
${renderProxyToServers(cluster, { trust: `${SERVERS}/${SERVER_FILES.ca}`, pair: PAIR })}

  server {
    listen ${behind(FRONTS.http)};
    listen ${behind(FRONTS.https, "ssl")};
    ssl_certificate ${PAIR};
    ssl_certificate_key ${PAIR};
    ssl_protocols TLSv1.2 TLSv1.3;

${LAST_ANSWERS}
${BROWSER_HEADERS}

${OUR_HOSTS_ALONE}
${NO_TOKEN.server}
${plainQuery("$consul_args").server}
${OTHER_SITES.server}
${NO_LARGE_BODY_OF_A_READ}

    recursive_error_pages on;
${renderBody(BODY.usual)}

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
    include ${SERVERS}/${SERVER_FILES.pages};

${NO_MONITOR}

    location ${CONFIG_ENTRIES} {
${SMALL_BODY}
${READ}
    }

    # Consul has no peers here, and takes 11 s to say so.
    location ~ ^/v1/peering(s$|/) {
      return 404 "Peering is off.\n";
    }

    location / {
${READ}
    }

    location ${TAKES_LARGE} {
${renderBody(BODY.large)}
${READ}
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

    location @held_write {
${HELD_WRITE}
    }

    location @held_write_large {
${LARGE}
${HELD_WRITE}
    }

    location @write {
${WRITE}
    }

    location @write_large {
${LARGE}
${WRITE}
    }

    location @write_failed {
      return 502;
    }

    location @write_timed_out {
      return 504;
    }
  }

${renderAudit({
  door: "gateway",
  consul: `https://${ASKED_BY_AUDIT}`,
  answersBesides: PAGES_ASK,
  writesBesides: `${PATHS.alertmanager}/`,
})}
}
`;
}
