import { type Cluster, serverTlsName } from "../cluster.js";

/** Where Nginx would write of a body what its memory for it does not hold (`nginx-bodies.ts`): a disk of its own. */
const BODIES = "/bodies";

/** What a container with Nginx may write to, in MiB. */
export const NGINX_TMPFS = { "/tmp": 16, [BODIES]: 1 } as const;

/** What every Nginx says first about its own faults, such as a worker that crashed. */
export const ERROR_LOG = "error_log /dev/stderr crit;";

/** What every Nginx says in `http`: nothing is written but to a tmpfs. */
export const NGINX_PATHS = `  # Whatever is said about a request carries its whole first line, at every level that requests reach.
  error_log /dev/stderr emerg;
  client_body_temp_path ${BODIES};
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;`;

/**
 * What a door says in `server` about Consul's own log: it has whole addresses of everybody's requests, and whoever may read
 * metrics may read it.
 */
export const NO_MONITOR = `    location ~ ^/v1/agent/(monitor|metrics/stream)/?$ {
      return 403 "Consul's log is not served here: npx rollcall logs shows it.\\n";
    }`;

/** Paths of endpoints that Consul had, behind which a token's secret follows: no log has more of them. */
export const BEFORE_SECRET = "/v1/acl/(clone|destroy|info|renew|update)/";

/** The same, and a line for each request, in which no token stands (query strings carry some). */
export const NGINX_HTTP = `${NGINX_PATHS}

  # Consul had endpoints with a token in their path.
  map $uri $logged_uri {
    "~^(?<logged_start>${BEFORE_SECRET})." "$logged_start...";
    default $uri;
  }
  log_format without_query '$proxy_protocol_addr [$time_iso8601] "$request_method $logged_uri" $status $body_bytes_sent $request_time';
  # Thousands of connections on which nothing was asked would push out of the log what was.
  map "$status $request_method" $was_asked {
    "408 " "";
    default yes;
  }
  access_log /dev/stdout without_query if=$was_asked;`;

/** While this file is there, a gateway has its clients close the connections that it keeps for them. */
export const CLOSING = "/tmp/closing";

/** What both gateways say in `server`, before they are told to read their configuration again (`take-anew.sh`). */
export const LAST_ANSWERS = `    # Nginx then closes every connection that it keeps, and a client may just be asking something on one. So it says
    # beforehand that each answer is the last one on its connection.
    set $closing "";
    if (-f ${CLOSING}) {
      set $closing close;
    }
    add_header Connection $closing always;`;

/** The files with which a gateway speaks to the servers. */
export interface ProxyFiles {
  /** The certificates of the CAs that it trusts. */
  readonly trust: string;
  /** Its own certificate with its key. */
  readonly pair: string;
}

/** How a gateway speaks to the servers: over TLS in which each shows the other its certificate. */
export function renderProxyToServers(cluster: Cluster, { trust, pair }: ProxyFiles): string {
  return `  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_ssl_verify on;
  proxy_ssl_verify_depth 2;
  proxy_ssl_trusted_certificate ${trust};
  proxy_ssl_certificate ${pair};
  proxy_ssl_certificate_key ${pair};
  proxy_ssl_server_name on;
  proxy_ssl_name ${serverTlsName(cluster)};
  proxy_ssl_session_reuse on;
  proxy_connect_timeout 1s;`;
}
