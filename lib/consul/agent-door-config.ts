import { AGENT_CONNECTIONS, PAIR_FILE } from "./agent-config";
import { LAST_ANSWERS, NGINX_HTTP } from "./nginx";
import { CONSUL_API, SECRETS } from "./paths";

/** The file in CONFIG that `renderAgentDoor` is for. */
export const AGENT_DOOR_FILE = "nginx.conf";

const PAIR = `${SECRETS}/${PAIR_FILE}`;

/**
 * How many requests of one address may be under way at the shared agent, blocking queries among them, as Consul by itself
 * has it (`http_max_conns_per_client`); more is answered 429 (decision 017).
 */
export const AGENT_LIMITS = { perAddress: 200 } as const;

/**
 * Nginx in front of the shared agent's API, in the same container: Consul reads a request's body whole before it asks
 * whether the sender may do that, and writes names from it into its log, so one request could end it (decision 040).
 */
export function renderAgentDoor(): string {
  return `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr crit;

events {
  worker_connections ${AGENT_CONNECTIONS};
}

http {
  server_tokens off;
  client_header_timeout 10s;
  client_body_timeout 10s;
  limit_conn_zone $binary_remote_addr zone=per_address:1m;
  limit_conn_status 429;
${NGINX_HTTP}

  upstream consul {
    server unix:${CONSUL_API};
    keepalive 64;
  }

  server {
    listen 8500 backlog=4096;
    listen 8501 ssl backlog=4096;
    ssl_certificate ${PAIR};
    ssl_certificate_key ${PAIR};
    ssl_protocols TLSv1.2 TLSv1.3;
${LAST_ANSWERS}

    location / {
      limit_conn per_address ${AGENT_LIMITS.perAddress};
      proxy_pass http://consul;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      # Consul holds a blocking query up to 10 minutes and adds up to a sixteenth.
      proxy_read_timeout 640s;
    }
  }
}
`;
}
