import { type Cluster, serverTlsName } from "./cluster";

/** What both gateways say in `http`: nothing is written but to /tmp, and no token to a log (query strings carry some). */
export const NGINX_HTTP = `  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;

  log_format without_query '$remote_addr [$time_iso8601] "$request_method $uri" $status $body_bytes_sent $request_time';
  access_log /dev/stdout without_query;`;

/**
 * How a gateway speaks to the servers: over TLS that it verifies.
 * @param ca the file of the CA's certificate
 */
export function renderProxyToServers(cluster: Cluster, ca: string): string {
  return `  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_ssl_verify on;
  proxy_ssl_verify_depth 2;
  proxy_ssl_trusted_certificate ${ca};
  proxy_ssl_server_name on;
  proxy_ssl_name ${serverTlsName(cluster)};
  proxy_ssl_session_reuse on;
  proxy_connect_timeout 1s;`;
}
