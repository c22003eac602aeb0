import type { Cluster } from "./cluster";
import { NGINX_HTTP, renderProxyToServers } from "./nginx";
import { CONFIG, SECRETS } from "./paths";

/** Where `renderGateway` expects the CA's certificate (in CONFIG), the gateway's own and its key (in SECRETS). */
export const GATEWAY_FILES = { ca: "ca.pem", certificate: "cert.pem", key: "key.pem", config: "nginx.conf" } as const;

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
 * Nginx in front of all servers. A read that a dead server does not answer goes to the next one, a write never (it
 * may have been done). A request with `index=` is a blocking query: Consul holds it up to 10 minutes and adds up to
 * a sixteenth, hence its read time-out of 640 s. Logs carry no query strings: tokens and filters stand in them.
 */
export function renderGateway(cluster: Cluster): string {
  const each = (parameters: string) =>
    cluster.servers.map(({ address }) => `    server ${address}:8501 ${parameters};`).join("\n");
  return `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
# At "error" Nginx would write whole request lines, query strings included.
error_log /dev/stderr crit;

events {
  worker_connections 4096;
}

http {
  server_tokens off;
  client_max_body_size 1m;
${NGINX_HTTP}

  upstream consul_servers {
    zone consul_servers 64k;
${each("max_fails=1 fail_timeout=10s")}
    # The same once more, never left alone: without a leader every read that wants one times out at every server, and
    # with none left Nginx would answer 502 to all, stale reads included, without asking anybody.
${each("max_fails=0 backup")}
    keepalive 16;
  }

  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
${renderProxyToServers(cluster, `${CONFIG}/${GATEWAY_FILES.ca}`)}

  server {
    listen 8500;
    listen 8501 ssl;
    ssl_certificate ${SECRETS}/${GATEWAY_FILES.certificate};
    ssl_certificate_key ${SECRETS}/${GATEWAY_FILES.key};
    ssl_protocols TLSv1.2 TLSv1.3;

    proxy_hide_header Content-Security-Policy;
    add_header Content-Security-Policy "${CONTENT_SECURITY_POLICY}" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy no-referrer always;

    recursive_error_pages on;
    error_page 418 = @blocking;
    error_page 419 = @write;

    location / {
      if ($request_method !~ ^(GET|HEAD)$) {
        return 419;
      }
      if ($arg_index != "") {
        return 418;
      }
      proxy_pass https://consul_servers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      proxy_next_upstream_tries ${Math.max(2, cluster.servers.length)};
    }

    location @blocking {
      proxy_pass https://consul_servers;
      proxy_read_timeout 640s;
      proxy_next_upstream error http_502 http_503;
    }

    location @write {
      proxy_pass https://consul_servers;
      proxy_read_timeout 5s;
      proxy_send_timeout 5s;
      proxy_next_upstream off;
    }
  }
}
`;
}
