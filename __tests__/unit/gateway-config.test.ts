import { clusterOf } from "../../lib/consul/cluster";
import { renderGateway } from "../../lib/consul/gateway-config";

const config = renderGateway(clusterOf("dc1", 3, "172.30.241.0/24"));
const read = blockOf(config, "location / {");
const blocking = blockOf(config, "location @blocking {");
const write = blockOf(config, "location @write {");

/** What stands between this opening line's brace and the one that closes it. */
function blockOf(text: string, opening: string): string {
  const start = text.indexOf(opening);
  if (start < 0) throw new Error(`there is no ${opening}`);
  let depth = 1;
  for (let at = start + opening.length; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}") depth--;
    if (depth === 0) return text.slice(start + opening.length, at);
  }
  throw new Error(`${opening} is never closed`);
}

/** The arguments of each use of a directive, in order. */
function valuesOf(text: string, directive: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\\s*${directive}\\s+([^;]*);`, "gm"))].map((match) => match[1] ?? "");
}

test("every server is left alone for 10 s after a failure, and asked all the same where none else is left", () => {
  expect(valuesOf(blockOf(config, "upstream consul_servers {"), "server")).toEqual([
    "172.30.241.11:8501 max_fails=1 fail_timeout=10s",
    "172.30.241.12:8501 max_fails=1 fail_timeout=10s",
    "172.30.241.13:8501 max_fails=1 fail_timeout=10s",
    "172.30.241.11:8501 max_fails=0 backup",
    "172.30.241.12:8501 max_fails=0 backup",
    "172.30.241.13:8501 max_fails=0 backup",
  ]);
});

test("no request reaches a server in plaintext", () => {
  expect(config.match(/proxy_pass \S+/g)).toEqual(Array(3).fill("proxy_pass https://consul_servers;"));
});

test("a server is verified against our CA and by the datacenter's server name", () => {
  expect(valuesOf(config, "proxy_ssl_verify")).toEqual(["on"]);
  expect(valuesOf(config, "proxy_ssl_trusted_certificate")).toEqual(["/rollcall/config/ca.pem"]);
  expect(valuesOf(config, "proxy_ssl_server_name")).toEqual(["on"]);
  expect(valuesOf(config, "proxy_ssl_name")).toEqual(["server.dc1.consul"]);
  expect(renderGateway(clusterOf("ish-chat-dc1", 3, "10.0.0.0/24"))).toContain(
    "proxy_ssl_name server.ish-chat-dc1.consul;",
  );
});

test("there are three kinds of location: reads, blocking reads, writes", () => {
  expect([...config.matchAll(/location (\S+) \{/g)].map((match) => match[1])).toEqual(["/", "@blocking", "@write"]);
});

test("anything but GET and HEAD is a write, also with an index", () => {
  expect(blockOf(read, "if ($request_method !~ ^(GET|HEAD)$) {").trim()).toBe("return 419;");
  expect(blockOf(read, 'if ($arg_index != "") {').trim()).toBe("return 418;");
  expect(read.indexOf("$request_method")).toBeLessThan(read.indexOf("$arg_index"));
  expect(valuesOf(config, "error_page")).toEqual(["418 = @blocking", "419 = @write"]);
});

test("a write is never sent a second time", () => {
  expect(valuesOf(write, "proxy_next_upstream")).toEqual(["off"]);
  expect(config).not.toContain("non_idempotent");
});

test("a read that a server does not answer goes to the next one, within 5 s each", () => {
  expect(valuesOf(read, "proxy_next_upstream")).toEqual(["error timeout http_502 http_503 http_504"]);
  expect(valuesOf(read, "proxy_read_timeout")).toEqual(["5s"]);
  expect(valuesOf(config, "proxy_connect_timeout")).toEqual(["1s"]);
});

test.each([
  [1, "2"],
  [3, "3"],
  [5, "5"],
])("with %i servers a read is tried at most %s times", (servers, tries) => {
  const [tried] = valuesOf(renderGateway(clusterOf("dc1", servers, "10.0.0.0/24")), "proxy_next_upstream_tries");
  expect(tried).toBe(tries);
});

test("a blocking query may take Consul's longest wait and its sixteenth, and is not moved by a time-out", () => {
  const [seconds] = valuesOf(blocking, "proxy_read_timeout").map(Number.parseFloat);
  expect(seconds).toBeGreaterThanOrEqual(600 + 600 / 16);
  expect(valuesOf(blocking, "proxy_next_upstream").join()).not.toContain("timeout");
});

test("the logs hold no query string: a token may stand in it", () => {
  const [format] = valuesOf(config, "log_format");
  expect(format).toMatch(/^without_query /);
  expect(format).toContain("$request_method $uri");
  expect(format).not.toMatch(/\$(request\b|args|arg_|query_string|request_uri|is_args|http_|cookie_)/);
  expect(valuesOf(config, "access_log")).toEqual(["/dev/stdout without_query"]);
  expect(valuesOf(config, "error_log")).toEqual(["/dev/stderr crit"]);
});

test("every answer, errors too, carries the security headers", () => {
  const headers = valuesOf(config, "add_header");
  expect(headers.map((header) => header.split(" ")[0])).toEqual([
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
  ]);
  expect(config.match(/^ *add_header .* always;$/gm)).toHaveLength(headers.length);
  // An add_header within a location would drop all of the server's.
  for (const location of [read, blocking, write]) expect(location).not.toContain("add_header");
});

test("the page may load from here alone and stand in no frame", () => {
  const policy = /Content-Security-Policy "([^"]*)"/.exec(config)?.[1]?.split("; ");
  expect(policy).toEqual(expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'", "base-uri 'self'"]));
  expect(policy?.join()).not.toMatch(/'unsafe-eval'|\*|https?:/);
  expect(valuesOf(config, "proxy_hide_header")).toEqual(["Content-Security-Policy"]);
});

test("it listens on 8500 and, with TLS 1.2 or later, on 8501, with certificate and key among the secrets", () => {
  const server = blockOf(config, "  server {");
  expect(valuesOf(server, "listen")).toEqual(["8500", "8501 ssl"]);
  expect(valuesOf(server, "ssl_protocols")).toEqual(["TLSv1.2 TLSv1.3"]);
  expect(valuesOf(server, "ssl_certificate")).toEqual(["/rollcall/secrets/cert.pem"]);
  expect(valuesOf(server, "ssl_certificate_key")).toEqual(["/rollcall/secrets/key.pem"]);
});

test("it writes nowhere but in /tmp, its root being read-only", () => {
  const paths = ["pid", ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path`)];
  for (const path of paths) expect(valuesOf(config, path)).toEqual([expect.stringMatching(/^\/tmp\//)]);
});

test("every brace that is opened is closed", () => {
  expect(config.match(/\{/g)?.length).toBe(config.match(/\}/g)?.length);
});
