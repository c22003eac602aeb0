import { CA_FILE, PAIR_FILE } from "../agents/agent-config.js";
import type { Cluster } from "../cluster.js";
import { LAST_ANSWERS, NGINX_HTTP, renderProxyToServers } from "../nginx/nginx.js";
import { BODY, renderBody } from "../nginx/nginx-bodies.js";
import { BEHIND_FRONTS, behind, COUNT_REQUESTS, connectionsFor, type Front, renderMain } from "../nginx/nginx-front.js";
import { NO_TOKEN, PLAIN_QUERY } from "../nginx/nginx-parameters.js";
import { SECRETS } from "../paths.js";

/** Where `renderLegacyGateway` expects what it trusts, its own certificate with its key, and the line with the token. */
export const LEGACY_FILES = { config: "nginx.conf", ca: CA_FILE, pair: PAIR_FILE, token: "token.conf" } as const;

/** What a service that registers itself asks of an agent: registration, heartbeat, deregistration. */
const REGISTRATION =
  "^/v1/agent/(service/(register|deregister/[^/]+)|check/(register|(deregister|pass|warn|fail|update)/[^/]+))$";

/**
 * How much of it one service's address may use, and all together: as many requests as an agent takes from one client by
 * Consul's own default, and fewer than the 1,000 connections that the one server takes from here.
 */
const LEGACY_LIMITS = {
  requests: { perAddress: 200, all: 900 },
  connections: { perAddress: 1000, all: 3000 },
} as const;
const FRONT: Front = { name: "http", listen: ["8500"], ...LEGACY_LIMITS.connections };
const CONNECTIONS = connectionsFor([FRONT], LEGACY_LIMITS.requests.all + 100);

/** The line that the secrets hold: every registration is made with this token, whatever the service sends. */
export function renderLegacyToken(token: string): string {
  return `proxy_set_header X-Consul-Token "${token}";\n`;
}

/**
 * Nginx under the name by which old services know their Consul. A registration is made with the legacy token; all else
 * is read without any, as anybody may. An agent's services are its own, so one server gets every request; while it
 * is away, all go to the same other one. From the control plane nobody may use it: the token is for old services.
 */
export function renderLegacyGateway(cluster: Cluster): string {
  return `${renderMain({ fronts: [FRONT], connections: CONNECTIONS, moreFiles: 100 })}

http {
  server_tokens off;
  client_header_timeout 5s;
  client_body_timeout 10s;
  reset_timedout_connection on;
${BEHIND_FRONTS}
${NO_TOKEN.http}
${PLAIN_QUERY.http}
${COUNT_REQUESTS}
${NGINX_HTTP}

  upstream consul_servers {
    zone consul_servers 64k;
    hash legacy consistent;
${cluster.servers.map(({ address }) => `    server ${address}:8501 max_fails=1 fail_timeout=10s;`).join("\n")}
  }

${renderProxyToServers(cluster, { trust: `${SECRETS}/${LEGACY_FILES.ca}`, pair: `${SECRETS}/${LEGACY_FILES.pair}` })}
  # Without these two, what a service sends would take the place of the right that everybody has.
  proxy_set_header X-Consul-Token "";
  proxy_set_header Authorization "";
  proxy_set_header Connection "";
  proxy_read_timeout 5s;

  server {
    listen ${behind(FRONT)};
${LAST_ANSWERS}
    error_page 418 = @blocking;
${renderBody(BODY.usual)}
    limit_conn requests_per_address ${LEGACY_LIMITS.requests.perAddress};
    limit_conn requests_all ${LEGACY_LIMITS.requests.all};

    if ($proxy_protocol_server_addr = ${cluster.legacyAddress}) {
      return 403;
    }

    # A token in the address would win over both the legacy one and none.
    if ($token_in_address) {
      return 403;
    }
${PLAIN_QUERY.server}

    location / {
      if ($request_method !~ ^(GET|HEAD)$) {
        return 403;
      }
      if ($arg_index != "") {
        return 418;
      }
      proxy_pass https://consul_servers;
    }

    location ~ ${REGISTRATION} {
      if ($request_method != PUT) {
        return 405;
      }
      proxy_set_header Authorization "";
      proxy_set_header Connection "";
      include ${SECRETS}/${LEGACY_FILES.token};
      proxy_pass https://consul_servers;
    }

    # Consul holds a blocking query up to 10 minutes and adds up to a sixteenth.
    location @blocking {
      proxy_read_timeout 640s;
      proxy_pass https://consul_servers;
    }
  }
}
`;
}
