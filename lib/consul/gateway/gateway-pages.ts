import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal.js";
import { CONSOLE, PATHS } from "../../monitoring/prometheus-config.js";
import { MONITORING_PORTS, PARTS } from "../../platform-names.js";
import { KEPT, renderAsk } from "../nginx/audit.js";
import { CONFIG } from "../paths.js";
import { OTHERS } from "./gateway-limits.js";

/** What the pages' browser may do: both have styles of their own in elements, and Prometheus loads a worker. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
].join("; ");

const PROGRAM = "operator.js";

/** What the gateway carries in CONFIG for the pages. */
export function pagesFiles(): Readonly<Record<string, string>> {
  return { [PROGRAM]: literal(readFileSync(join(import.meta.dirname, "pages", PROGRAM), "utf8")) };
}

/**
 * What the gateway says in `http`: a request for the pages is none for Consul, so what is refused for Consul's sake does not
 * count there (`$consul_args`).
 */
export const PAGES_HTTP = `  # A no is kept as well: it takes the place of a yes that a token had before it was exchanged.
  proxy_cache_path ${KEPT}/operator keys_zone=operator:64k max_size=1m inactive=10m use_temp_path=off;
  js_import operator from ${CONFIG}/${PROGRAM};
  js_set $operator_key operator.key;
  js_set $operator_token operator.token;
  map $uri $consul_args {
    "~^(${Object.values(PATHS).join("|")})/" "";
    default $args;
  }`;

/** What the server behind the audit log answers besides: whether a token is the operator's. */
export const PAGES_ASK = `
    location = /operator {
      js_content operator.may;
    }
`;

const MAY = "/-/operator";

/**
 * What the gateway says in `server`, read again when it changes: Prometheus' and Alertmanager's pages, by HTTPS and to the
 * operator alone. Consul is asked once in 30 seconds; while it does not answer, who was let in last goes on, until nobody has
 * asked for 10 minutes: that is when the pages are needed. Pure.
 * @param monitoring `ROLLCALL_MONITORING`
 * @param hasPages whether this Prometheus has pages of its own; else it begins with ours
 */
export function renderPages(prefix: string, monitoring: boolean, hasPages = true): string {
  if (!monitoring)
    return Object.values(PATHS)
      .map((path) => `location ^~ ${path}/ {\n  return 404 "Monitoring is off: monitoring: on brings it.\\n";\n}\n`)
      .join("\n");
  const pages = (["prometheus", "alertmanager"] as const).map((name) =>
    renderPage(PATHS[name], `${prefix}${PARTS[name]}:${MONITORING_PORTS[name]}`),
  );
  const ours = `location = ${PATHS.prometheus}/ {
  absolute_redirect off;
  return 302 ${PATHS.prometheus}/consoles/${CONSOLE};
}

`;
  return `${hasPages ? "" : ours}${pages.join("\n")}
location = ${MAY} {
  internal;
  client_max_body_size 0;
  if ($operator_key = "") {
    return 401;
  }
${outdented(renderAsk({ path: "/operator", token: "$operator_token", key: "$operator_key", kept: "204 401 30s", zone: "operator" }))}
}

location @ask_for_operator {
  add_header WWW-Authenticate 'Basic realm="Rollcall: user operator, npx rollcall token operator"' always;
  return 401 "The user is operator, the password its token: npx rollcall token operator.\\n";
}
`;
}

function renderPage(path: string, at: string): string {
  return `location = ${path} {
  # With Nginx's own port in it, which nobody reaches, it would lead nowhere.
  absolute_redirect off;
  return 308 ${path}/;
}

location ^~ ${path}/ {
  # A password would be read on the way.
  if ($scheme = http) {
    return 404 "This page is served by HTTPS alone.\\n";
  }
  auth_request ${MAY};
  auth_request_set $audit_accessor $upstream_http_x_accessor;
  error_page 401 = @ask_for_operator;
${outdented(OTHERS)}
  # It may be away, or come back at another address.
  resolver 127.0.0.11 valid=5s ipv6=off;
  set $page ${at};
  proxy_pass http://$page;
  proxy_set_header Authorization "";
  proxy_set_header Host $http_host;
  proxy_set_header Connection "";
  proxy_read_timeout 120s;
  add_header Content-Security-Policy "${POLICY}" always;
  add_header X-Content-Type-Options nosniff always;
  add_header X-Frame-Options DENY always;
  add_header Referrer-Policy no-referrer always;
}
`;
}

/** This file stands on its own, and not in a server's block. */
function outdented(text: string): string {
  return text.replace(/^ {4}/gm, "");
}
