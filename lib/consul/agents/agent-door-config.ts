import { AGENT_NODE } from "../cluster.js";
import { AUDIT_MAIN, AUDIT_SERVER, AUDIT_WRITES, renderAudit } from "../nginx/audit.js";
import { LAST_ANSWERS, NGINX_PATHS, NO_MONITOR } from "../nginx/nginx.js";
import {
  BODY,
  CONFIG_ENTRIES,
  COUNT_LARGE_BODIES,
  renderBody,
  renderLargeBodies,
  SMALL_BODY,
  TAKES_LARGE,
} from "../nginx/nginx-bodies.js";
import { BEHIND_FRONTS, behind, COUNT_REQUESTS, connectionsFor, type Front, renderMain } from "../nginx/nginx-front.js";
import { PLAIN_QUERY, TOKEN_TO_HEADER } from "../nginx/nginx-parameters.js";
import { CONSUL_API, SECRETS } from "../paths.js";
import { AGENT_CONNECTIONS, PAIR_FILE } from "./agent-config.js";

/** The file in CONFIG that `renderAgentDoor` is for. */
export const AGENT_DOOR_FILE = "nginx.conf";

/**
 * What may be under way at the shared agent; what is beyond is answered 429 (decision 017). 200 requests of one address,
 * blocking queries among them, are what Consul by itself takes. `large` are those with a large body, which stands in memory
 * until it is whole.
 */
export const AGENT_LIMITS = {
  requests: { perAddress: 200, all: AGENT_CONNECTIONS },
  large: { perAddress: 8, all: 40 },
} as const;

/** Connections that may be open, whatever is asked on them: one client may try ten times what it gets. */
const FRONTS = {
  http: { name: "http", listen: ["8500"], perAddress: 2500, all: 5000 },
  https: { name: "https", listen: ["8501"], perAddress: 1000, all: 2000 },
} as const satisfies Record<string, Front>;
const CONNECTIONS = connectionsFor(Object.values(FRONTS), AGENT_CONNECTIONS + 200);

const PAIR = `${SECRETS}/${PAIR_FILE}`;
const REQUESTS = `      limit_conn requests_per_address ${AGENT_LIMITS.requests.perAddress};
      limit_conn requests_all ${AGENT_LIMITS.requests.all};
      proxy_pass http://consul;`;
const LARGE = `${renderBody(BODY.large)}
${renderLargeBodies(AGENT_LIMITS.large)}`;

/**
 * Nginx in front of the shared agent's API, in the same container: Consul reads a request's body whole before it asks
 * whether the sender may do that, and writes names from it into its log, so one request could end it (decision 040).
 */
export function renderAgentDoor(): string {
  return `${renderMain({ fronts: Object.values(FRONTS), connections: CONNECTIONS, before: AUDIT_MAIN })}

http {
  server_tokens off;
  # Whoever opens a connection and says nothing gives it back soon.
  client_header_timeout 10s;
  client_body_timeout 10s;
  reset_timedout_connection on;
  # Consul keeps an idle connection for good. Clients close theirs sooner than this, and so never ask on one that just ended.
  keepalive_timeout 600s;
${BEHIND_FRONTS}
${COUNT_LARGE_BODIES}
${PLAIN_QUERY.http}
${TOKEN_TO_HEADER.http}
${COUNT_REQUESTS}
${NGINX_PATHS}

  upstream consul {
    server unix:${CONSUL_API};
    keepalive 64;
  }
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_connect_timeout 1s;
  # Who has asked may say that he sends no more, as nc does, and waits for the answer all the same.
  proxy_ignore_client_abort on;
  # Consul holds a blocking query up to 10 minutes and adds up to a sixteenth.
  proxy_read_timeout 640s;
  proxy_set_header Connection "";
  # HTTP/1.0 needs none, and Consul asks for one.
  map $http_host $host_or_ours {
    "" ${AGENT_NODE};
    default $http_host;
  }
  proxy_set_header Host $host_or_ours;
  proxy_set_header X-Forwarded-For $remote_addr;

  server {
    listen ${behind(FRONTS.http)};
    listen ${behind(FRONTS.https)} ssl;
    ssl_certificate ${PAIR};
    ssl_certificate_key ${PAIR};
    ssl_protocols TLSv1.2 TLSv1.3;

${LAST_ANSWERS}

${PLAIN_QUERY.server}
${TOKEN_TO_HEADER.server}
${AUDIT_SERVER}

    location / {
${kinds("@write")}
${renderBody(BODY.usual)}
${REQUESTS}
    }

    location ${TAKES_LARGE} {
${kinds("@large_write")}
${LARGE}
${REQUESTS}
    }

${NO_MONITOR}

    location ${CONFIG_ENTRIES} {
${kinds("@write")}
${SMALL_BODY}
${REQUESTS}
    }

    # Consul has no peers here, and takes 11 s to say so.
    location ~ ^/v1/peering(s$|/) {
      return 404 "Peering is off.\\n";
    }

    # A snapshot passes through as it comes: Consul asks for the management token before it reads any of it.
    location = /v1/snapshot {
${AUDIT_WRITES}
      client_max_body_size 1g;
      proxy_request_buffering off;
${REQUESTS}
    }

    # Who is gone needs no answer, and would keep his place for minutes.
    location @blocking {
      proxy_ignore_client_abort off;
${renderBody(BODY.usual)}
${REQUESTS}
    }

    location @write {
${AUDIT_WRITES}
${renderBody(BODY.usual)}
${REQUESTS}
    }

    location @large_write {
${AUDIT_WRITES}
${LARGE}
${REQUESTS}
    }
  }

${renderAudit({ door: "agent", consul: "http://consul" })}
}
`;
}

/** Sends a request to the location for its kind. A blocking query has the index that it waits for, or, of a service of the agent, the hash. */
function kinds(write: "@write" | "@large_write"): string {
  return `      if ($request_method !~ ^(GET|HEAD)$) {
        return 419;
      }
      if ($args ~ "(^|&)(index|hash)=") {
        return 418;
      }
      error_page 418 = @blocking;
      error_page 419 = ${write};`;
}
