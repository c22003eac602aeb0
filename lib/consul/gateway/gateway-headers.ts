/**
 * What a browser may do with a page that came from here. `unsafe-inline` and `wasm-unsafe-eval` are what the Consul
 * UI of 1.22 needs (an inline loader, inline styles, a WebAssembly highlighter).
 */
const OF_THE_UI = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'self'",
].join("; ");

/**
 * What `http` says of it. Below /v1/ Consul knows better where it says something: a value from KV that is asked for raw may
 * be anybody's page, and gets `sandbox`.
 */
export const CONTENT_SECURITY_POLICY = `  map $uri $is_api {
    ~^/v1/ yes;
    default "";
  }
  map "$is_api$upstream_http_content_security_policy" $content_security_policy {
    "~^yes(?<of_consul>.+)$" $of_consul;
    default "${OF_THE_UI}";
  }`;

/** What `server` says with every answer, its own errors too. */
export const BROWSER_HEADERS = `    proxy_hide_header Content-Security-Policy;
    add_header Content-Security-Policy $content_security_policy always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy no-referrer always;`;

/**
 * Refuses what a page of another site has a browser ask: an image's address is enough for it, and the browser stands where
 * the gateway answers without a token. Somebody's link to the UI goes on.
 */
export const OTHER_SITES = {
  http: `  map "$http_sec_fetch_site $http_sec_fetch_dest" $other_site {
    "cross-site document" "";
    "~^cross-site " yes;
    default "";
  }`,
  server: `    if ($other_site) {
      return 403 "A page of another site may not ask this gateway.\n";
    }`,
} as const;
