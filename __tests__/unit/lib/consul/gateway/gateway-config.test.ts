import { serverConfig } from "../../../../../lib/consul/agents/agent-config.js";
import { type Cluster, clusterOf } from "../../../../../lib/consul/cluster.js";
import { HOLDING, renderGateway } from "../../../../../lib/consul/gateway/gateway-config.js";
import { CONNECTIONS, FRONTS, GATEWAY_LIMITS } from "../../../../../lib/consul/gateway/gateway-limits.js";
import { PAGES_ASK } from "../../../../../lib/consul/gateway/gateway-pages.js";
import { leavingFile, renderServers, renderWriters } from "../../../../../lib/consul/gateway/gateway-servers.js";
import { AUDIT_MAIN, AUDIT_SERVER, AUDIT_WRITES, renderAudit } from "../../../../../lib/consul/nginx/audit.js";
import { NGINX_TMPFS } from "../../../../../lib/consul/nginx/nginx.js";
import { LARGE_PATHS } from "../../../../../lib/consul/nginx/nginx-bodies.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const PLACE = { prefix: "", network: "rollcall-control", hosts: [] } as const;
const AUDIT = renderAudit({
  ...{ door: "gateway", consul: "https://consul_audit" },
  ...{ answersBesides: PAGES_ASK, writesBesides: "/alertmanager/" },
});

/** All that Nginx reads, the configuration and the two files that it includes, but for the audit log (`audit.test.ts`). */
function rendered(cluster: Cluster): string {
  const gateway = renderGateway(cluster, PLACE).replace(AUDIT, "").replace(AUDIT_SERVER, "");
  return [gateway, renderServers(cluster), renderWriters(cluster)].join("\n");
}

const config = rendered(clusterOf("dc1", 3, "172.30.241.0/24"));
const read = blockOf(config, "location / {");
const blocking = blockOf(config, "location @blocking {");
const again = ["@read_again", "@blocking_again"].map((name) => blockOf(config, `location ${name} {`));
const write = blockOf(config, "location @write {");
const held = blockOf(config, "location @held_write {");
const [largeRead, largeWrite, largeHeld] = [
  "location ~ ^/v1/(kv/|acl/|txn$) {",
  ...["location @write_large {", "location @held_write_large {"],
].map((opening) => blockOf(config, opening)) as [string, string, string];

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

test("which servers there are is said in files that it takes anew: the configuration itself is the same for all", () => {
  const of = (servers: number) => renderGateway(clusterOf("dc1", servers, "172.30.241.0/24"), PLACE);
  expect(of(5)).toBe(of(3));
  expect(valuesOf(blockOf(of(3), "http {"), "include")).toEqual([
    "/rollcall/servers/servers.conf",
    "/rollcall/servers/writers.conf",
    "/rollcall/servers/pages.conf",
  ]);
});

test("no request reaches a server in plaintext", () => {
  expect([read, blocking, ...again, write].map((location) => valuesOf(location, "proxy_pass"))).toEqual([
    ...[["https://consul_servers"], ["https://consul_servers"]],
    ...[["https://consul_again"], ["https://consul_again"]],
    ["https://$writers"],
  ]);
  expect(config).not.toContain("http://");
});

test("servers and clients are shown the gateway's own certificate, read before the first connection and not for each", () => {
  for (const name of ["proxy_ssl_certificate", "proxy_ssl_certificate_key", "ssl_certificate", "ssl_certificate_key"])
    expect(valuesOf(config, name)).toEqual(["/rollcall/secrets/pair.pem"]);
});

test("a server is verified against our CA and by the datacenter's server name", () => {
  expect(valuesOf(config, "proxy_ssl_verify")).toEqual(["on"]);
  expect(valuesOf(config, "proxy_ssl_trusted_certificate")).toEqual(["/rollcall/servers/ca.pem"]);
  expect(valuesOf(config, "proxy_ssl_server_name")).toEqual(["on"]);
  expect(valuesOf(config, "proxy_ssl_name")).toEqual(["server.dc1.consul"]);
  expect(renderGateway(clusterOf("ish-chat-dc1", 3, "10.0.0.0/24"), PLACE)).toContain(
    "proxy_ssl_name server.ish-chat-dc1.consul;",
  );
});

test("there are three kinds of location: reads, blocking reads, writes; and those for what became of them", () => {
  expect([...config.matchAll(/location ([^~= ]\S*) \{/g)].map((match) => match[1])).toEqual([
    ...["/", "@read_again", "@blocking", "@blocking_again"],
    ...["@held_write", "@held_write_large", "@write", "@write_large", "@write_failed", "@write_timed_out"],
  ]);
});

test("anything but GET and HEAD is a write, also with an index", () => {
  expect(blockOf(read, "if ($request_method !~ ^(GET|HEAD)$) {").trim()).toBe("return 419;");
  expect(blockOf(read, 'if ($arg_index != "") {').trim()).toBe("return 418;");
  expect(read.indexOf("$request_method")).toBeLessThan(read.indexOf("$arg_index"));
  expect(valuesOf(read, "error_page").slice(0, 2)).toEqual(["418 = @blocking", "419 = $write$size"]);
  expect(valuesOf(write, "error_page")).toEqual(["502 504 = $after_write"]);
  expect(valuesOf(blockOf(config, "$after_write {"), "@write")).toEqual(["@write$size"]);
  expect(valuesOf(blockOf(config, "$after_write {"), "default")).toEqual(["$unanswered_write"]);
});

/** Where a write goes on, by the configuration of so many servers. */
function afterUnanswered(servers: number, connectTimes: readonly string[], statuses: readonly number[]): string {
  const rules = blockOf(rendered(clusterOf("dc1", servers, "10.0.0.0/24")), "$unanswered_write {");
  const value = `${connectTimes.join(" : ")}|${statuses.join(" : ")}`;
  const patterns = [...rules.matchAll(/^ *"~(.*)" (@\w+);$/gm)];
  const found = patterns.find(([, pattern = ""]) => new RegExp(pattern).test(value))?.[2];
  return found ?? /default (@\w+);/.exec(rules)?.[1] ?? "";
}

test("Nginx itself never sends a write a second time", () => {
  expect(valuesOf(write, "proxy_next_upstream")).toEqual(["off"]);
  expect(config).not.toContain("non_idempotent");
});

test("a write of which nothing was sent goes to the next server, one that was sent is refused", () => {
  expect(afterUnanswered(3, ["-"], [502])).toBe("@write");
  expect(afterUnanswered(3, ["-", "-"], [502, 504])).toBe("@write");
  expect(afterUnanswered(3, ["0.001"], [502])).toBe("@write_failed");
  expect(afterUnanswered(3, ["0.000"], [504])).toBe("@write_timed_out");
  expect(afterUnanswered(3, ["-", "0.002"], [504, 502])).toBe("@write_failed");
  expect(afterUnanswered(3, ["-", "0.002"], [502, 504])).toBe("@write_timed_out");
});

test("a write that was held back goes on in the same way", () => {
  expect(afterUnanswered(3, ["0.000, -"], [502])).toBe("@write");
  expect(afterUnanswered(3, ["0.000, -", "-"], [502, 502])).toBe("@write");
  expect(afterUnanswered(3, ["0.000, 0.001"], [502])).toBe("@write_failed");
  expect(afterUnanswered(3, ["0.000, -", "0.001"], [502, 504])).toBe("@write_timed_out");
});

test.each([
  [1, 2],
  [3, 6],
  [5, 8],
])("of %i servers a write asks for a connection %i times at most", (servers, most) => {
  const after = (attempts: number) => afterUnanswered(servers, Array(attempts).fill("-"), Array(attempts).fill(502));
  expect([after(most - 1), after(most)]).toEqual(["@write", "@write_failed"]);
});

/** The value that a variable has where this file is there. */
function whereThere(text: string, file: string, variable: string): readonly string[] {
  return valuesOf(blockOf(text, `if (-f ${file}) {`), `set \\$${variable}`);
}

test("a write waits two seconds while leadership is handed over, and is sent then whatever is said", () => {
  expect(valuesOf(config, "set \\$write")).toEqual(["@write", "@held_write", "@write"]);
  expect(whereThere(config, HOLDING, "write")).toEqual(["@held_write"]);
  expect(valuesOf(held, "resolver_timeout")).toEqual(["2s"]);
  expect(valuesOf(held, "error_page")).toEqual(["502 = @write$size"]);
});

test("what hands leadership over does not wait for itself", () => {
  const exempt = blockOf(config, "if ($uri = /v1/operator/raft/transfer-leader) {");
  expect(valuesOf(exempt, "set \\$write")).toEqual(["@write"]);
  expect(config.indexOf(exempt)).toBeGreaterThan(config.indexOf(`-f ${HOLDING}`));
});

test.each([1, 2, 3])("while server %i is about to end, writes are sent to the others alone", (number) => {
  const [group = ""] = whereThere(config, leavingFile(`consul-server-${number}`), "writers");
  const all = valuesOf(blockOf(config, "upstream consul_writers {"), "server");
  const others = all.filter((server) => !server.startsWith(`172.30.241.1${number}:`));
  expect(valuesOf(blockOf(config, `upstream ${group} {`), "server")).toEqual(others);
  expect(others).toHaveLength(4);
});

test("a single server is sent every write", () => {
  expect(valuesOf(rendered(clusterOf("dc1", 1, "10.0.0.0/24")), "set \\$writers")).toEqual(["consul_writers"]);
});

test("a write shares no connection, and leaves a server that failed alone as a read does", () => {
  const [readers, writers] = ["consul_servers", "consul_writers"].map((name) => blockOf(config, `upstream ${name} {`));
  expect(valuesOf(writers ?? "", "server")).toEqual(valuesOf(readers ?? "", "server"));
  expect(valuesOf(writers ?? "", "keepalive")).toEqual([]);
});

test("a read that a server does not answer goes to the next one, within 5 s each", () => {
  expect(valuesOf(read, "proxy_next_upstream")).toEqual(["error timeout http_502 http_503 http_504"]);
  expect(valuesOf(read, "proxy_read_timeout")).toEqual(["5s"]);
  expect(valuesOf(blockOf(config, "http {"), "proxy_connect_timeout")).toEqual(["1s"]);
});

test("a read that a server answers with 500 is asked of two more, and what these say is the answer", () => {
  expect(valuesOf(read, "error_page")).toContain("500 = @read_again");
  expect(valuesOf(blocking, "error_page")).toEqual(["500 = @blocking_again"]);
  for (const location of [read, blocking]) expect(valuesOf(location, "proxy_intercept_errors")).toEqual(["on"]);
  for (const location of again) {
    expect(valuesOf(location, "proxy_next_upstream").join()).toMatch(/\bhttp_500\b/);
    expect(valuesOf(location, "proxy_next_upstream_tries")).toEqual(["2"]);
    expect(valuesOf(location, "proxy_intercept_errors")).toEqual([]);
  }
});

test("no server is left alone because of a 500: whoever asks what all of them answer so would have them all", () => {
  expect(valuesOf(blockOf(config, "upstream consul_again {"), "server")).toEqual([
    "172.30.241.11:8501 max_fails=0",
    "172.30.241.12:8501 max_fails=0",
    "172.30.241.13:8501 max_fails=0",
  ]);
  for (const location of [read, blocking])
    expect(valuesOf(location, "proxy_next_upstream").join()).not.toContain("http_500");
});

test("a read that is asked again may take as long as at first", () => {
  const limits = (location: string) => valuesOf(location, "proxy_read_timeout");
  expect(again.map(limits)).toEqual([read, blocking].map(limits));
});

test("a read is tried at every server and once more, unless two have used up their time", () => {
  expect(valuesOf(read, "proxy_next_upstream_tries")).toEqual([]);
  const [limit] = valuesOf(read, "proxy_next_upstream_timeout").map(Number.parseFloat);
  const [each] = valuesOf(read, "proxy_read_timeout").map(Number.parseFloat);
  expect(limit).toBeGreaterThan(each ?? Number.NaN);
  expect(limit).toBeLessThan(2 * (each ?? Number.NaN));
});

test("a blocking query may take Consul's longest wait and its sixteenth, and is not moved by a time-out", () => {
  const [seconds] = valuesOf(blocking, "proxy_read_timeout").map(Number.parseFloat);
  expect(seconds).toBeGreaterThanOrEqual(600 + 600 / 16);
  expect(valuesOf(blocking, "proxy_next_upstream").join()).not.toContain("timeout");
});

test("so many requests may be under way, watches and others apart, and what is beyond gets 429", () => {
  expect(valuesOf(blockOf(config, "http {"), "limit_conn_zone").slice(0, 6)).toEqual([
    "$binary_remote_addr zone=blocking_per_address:1m",
    "$binary_remote_addr zone=others_per_address:1m",
    "all zone=blocking_all:32k",
    "all zone=others_all:32k",
    "$greedy zone=others_greedy:32k",
    "$modest zone=modest_per_address:1m",
  ]);
  expect(valuesOf(config, "limit_conn_status")).toEqual(["429"]);
  expect([read, blocking, write, held].map((location) => valuesOf(location, "limit_conn"))).toEqual([
    ["others_per_address 120", "modest_per_address 60", "others_greedy 120", "others_all 400"],
    ["blocking_per_address 250", "blocking_all 520"],
    ["others_per_address 120", "modest_per_address 60", "others_greedy 120", "others_all 400"],
    ["others_per_address 120", "modest_per_address 60", "others_greedy 120", "others_all 400"],
  ]);
});

test("an address that asks little has places that greedy ones do not get, and its rate alone refuses nobody", () => {
  expect(valuesOf(config, "limit_req_zone")).toEqual(["$binary_remote_addr zone=modest:1m rate=80r/s"]);
  expect(valuesOf(config, "limit_req_dry_run")).toEqual(["on"]);
  expect([read, blocking, write].map((location) => valuesOf(location, "limit_req"))).toEqual([
    ["zone=modest burst=20 nodelay"],
    [],
    ["zone=modest burst=20 nodelay"],
  ]);
  const ranks = blockOf(config, "map $limit_req_status $greedy {");
  expect([valuesOf(ranks, "REJECTED_DRY_RUN"), valuesOf(ranks, "default")]).toEqual([["yes"], ['""']]);
  const modest = blockOf(config, "map $limit_req_status $modest {");
  expect([valuesOf(modest, "REJECTED_DRY_RUN"), valuesOf(modest, "default")]).toEqual([
    ['""'],
    ["$binary_remote_addr"],
  ]);
});

test("what four greedy addresses ask within the rate leaves places for a fifth, however slow the answers are", () => {
  const { others, modest } = GATEWAY_LIMITS;
  expect(others.greedy + 4 * modest.perAddress).toBeLessThan(others.all);
});

test("one address leaves room for another, and Nginx has connections for all that it lets in", () => {
  const { blocking: watches, others, large } = GATEWAY_LIMITS;
  for (const { perAddress, all } of [watches, others, large]) expect(2 * perAddress).toBeLessThanOrEqual(all);
  const [kept = Number.NaN] = valuesOf(config, "keepalive").map(Number);
  const { http, https } = FRONTS;
  expect(valuesOf(config, "worker_connections")).toEqual([String(CONNECTIONS)]);
  expect(3 * (http.all + https.all) + watches.all + 4 * others.all + kept).toBeLessThan(CONNECTIONS);
});

test("a single server that is left takes all that the gateway lets in", () => {
  const cluster = clusterOf("dc1", 3, "172.30.241.0/24");
  const [self] = cluster.servers;
  if (self === undefined) throw new Error("the cluster has no server");
  const [kept = Number.NaN] = valuesOf(config, "keepalive").map(Number);
  expect(serverConfig(cluster, self, 1).limits).toEqual({ http_max_conns_per_client: 1000 });
  expect(GATEWAY_LIMITS.blocking.all + GATEWAY_LIMITS.others.all + kept).toBeLessThan(1000);
});

test("one address may have 4,300 connections that say nothing, and what others on the host need beside them", () => {
  const { http, https } = FRONTS;
  const { blocking: watches, others } = GATEWAY_LIMITS;
  for (const front of [http, https]) {
    const own = front === http ? 4300 : 0;
    expect(own + watches.perAddress + others.perAddress).toBeLessThanOrEqual(front.perAddress);
    expect(front.perAddress).toBeLessThan(front.all);
  }
});

test("it has files for all its connections, also where an engine gives a process 20,000", () => {
  const [files = Number.NaN] = valuesOf(config, "worker_rlimit_nofile").map(Number);
  expect(files).toBeGreaterThan(CONNECTIONS);
  expect(files).toBeLessThanOrEqual(20_000);
});

test("a body may have 64 KiB, and 1 MiB where Consul takes as much; all of it stands in memory", () => {
  const bounds = (location: string) =>
    ["client_max_body_size", "client_body_buffer_size"].map((name) => valuesOf(location, name));
  const server = blockOf(blockOf(config, "http {"), "  server {");
  expect(bounds(server.slice(0, server.indexOf("location")))).toEqual([["64k"], ["64k"]]);
  for (const location of [largeRead, largeWrite, largeHeld]) expect(bounds(location)).toEqual([["1m"], ["1m"]]);
  for (const location of [read, blocking, ...again, write, held]) expect(bounds(location)).toEqual([[], []]);
});

test("a write with a large body goes its own way, and there are places of their own for it", () => {
  const sizes = blockOf(config, "map $uri $size {");
  expect(sizes).toContain(`"~${LARGE_PATHS}" _large;`);
  expect(valuesOf(sizes, "default")).toEqual(['""']);
  for (const [large, usual] of [
    [largeWrite, write],
    [largeHeld, held],
  ] as const) {
    expect(valuesOf(large, "limit_conn")).toEqual([
      "large_bodies_per_address 24",
      "large_bodies_all 48",
      ...valuesOf(usual, "limit_conn"),
    ]);
    expect(large.endsWith(usual)).toBe(true);
  }
  expect(blockOf(config, "if ($large_read) {").trim()).toBe("return 413;");
});

test("what Consul takes 11 s to deny is denied at once", () => {
  expect(blockOf(config, "location ~ ^/v1/peering(s$|/) {").trim()).toMatch(/^return 404 "/);
});

test("a connection on which nothing is asked is closed", () => {
  expect(valuesOf(config, "client_header_timeout")).toEqual(["5s"]);
  expect(valuesOf(config, "client_body_timeout")).toEqual(["10s"]);
  // Else the front would hold it until the client closes it.
  expect(valuesOf(config, "reset_timedout_connection")).toEqual(["on"]);
});

test("the logs hold no query string: a token may stand in it", () => {
  const [format] = valuesOf(config, "log_format");
  expect(format).toMatch(/^without_query /);
  expect(format).toContain("$request_method $logged_uri");
  expect(format).not.toMatch(/\$(request\b|args|arg_|query_string|request_uri|is_args|http_|cookie_)/);
  expect(valuesOf(config, "access_log")).toEqual(["/dev/stdout without_query if=$was_asked"]);
  const asked = blockOf(config, 'map "$status $request_method" $was_asked {');
  expect([valuesOf(asked, '"408 "'), valuesOf(asked, "default")]).toEqual([['""'], ["yes"]]);
});

test("no fault of a request is told with its query string: what is said about one is said to nobody", () => {
  expect(valuesOf(blockOf(config, "http {"), "error_log")).toEqual(["/dev/stderr emerg"]);
  // Of what is nobody's request, such as a worker that crashed.
  expect(valuesOf(config.slice(0, config.indexOf("events {")), "error_log")).toEqual(["/dev/stderr crit"]);
});

test("before it reads its configuration again, every answer is the last one on its connection", () => {
  expect(config).toMatch(/set \$closing "";\s+if \(-f \/tmp\/closing\) \{\s+set \$closing close;\s+\}/);
  expect(valuesOf(config, "add_header")).toContain("Connection $closing always");
});

test("every answer, errors too, carries the security headers", () => {
  const headers = valuesOf(config, "add_header").filter((header) => !header.startsWith("Connection "));
  expect(headers.map((header) => header.split(" ")[0])).toEqual([
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
  ]);
  expect(config.match(/^ *add_header (?!Connection).* always;$/gm)).toHaveLength(headers.length);
  // An add_header within a location would drop all of the server's.
  for (const location of [read, blocking, ...again, write]) expect(location).not.toContain("add_header");
});

test.each([
  ["yes", "sandbox", "sandbox"],
  ["yes", "", "the UI's"],
  ["", "sandbox", "the UI's"],
])("a policy of Consul's own holds below /v1/ (%s, %s: %s)", (isApi, ofConsul, expected) => {
  const policies = blockOf(config, "$content_security_policy {");
  const [, pattern = ""] = /"~(.*)" \$of_consul;/.exec(policies) ?? [];
  expect(new RegExp(pattern).exec(`${isApi}${ofConsul}`)?.[1] ?? "the UI's").toBe(expected);
  expect(valuesOf(blockOf(config, "map $uri $is_api {"), "~\\^/v1/")).toEqual(["yes"]);
});

test("the page may load from here alone and stand in no frame", () => {
  const policies = blockOf(config, "$content_security_policy {");
  const policy = /default "([^"]*)";/.exec(policies)?.[1]?.split("; ");
  expect(policy).toEqual(expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'", "base-uri 'self'"]));
  expect(policy?.join()).not.toMatch(/'unsafe-eval'|\*|https?:/);
  expect(valuesOf(config, "proxy_hide_header")).toEqual(["Content-Security-Policy"]);
});

test("writes are in the audit log, and so are snapshots: their locations ask who sent them, and no other does", () => {
  const whole = renderGateway(clusterOf("dc1", 3, "172.30.241.0/24"), PLACE);
  expect(valuesOf(blockOf(config, "upstream consul_audit {"), "server")).toEqual(
    [11, 12, 13].map((last) => `172.30.241.${last}:8501 max_fails=1 fail_timeout=10s`),
  );
  for (const part of [AUDIT_MAIN, AUDIT, AUDIT_SERVER]) expect(whole.split(part)).toHaveLength(2);
  const snapshot = blockOf(config, "location = /v1/snapshot {");
  for (const location of [write, largeWrite, snapshot]) expect(location).toContain(AUDIT_WRITES);
  expect(whole.split(AUDIT_WRITES)).toHaveLength(4);
});

test("it listens on 8500 and, with TLS 1.2 or later, on 8501, behind what bounds connections", () => {
  expect(valuesOf(blockOf(config, "stream {"), "listen")).toEqual(
    ["8500", "8501"].map((port) => `${port} backlog=4096 sndbuf=16k`),
  );
  const server = blockOf(blockOf(config, "http {"), "  server {");
  expect(valuesOf(server, "listen")).toEqual([
    "127.0.0.1:18500 proxy_protocol backlog=4096 sndbuf=16k",
    "127.0.0.1:18501 ssl proxy_protocol backlog=4096 sndbuf=16k",
  ]);
  expect(valuesOf(server, "ssl_protocols")).toEqual(["TLSv1.2 TLSv1.3"]);
});

test("it writes nowhere but to its tmpfs, its root being read-only, and bodies never to the one of all else", () => {
  const paths = ["pid", ...["proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path`)];
  for (const path of paths) expect(valuesOf(config, path)).toEqual([expect.stringMatching(/^\/tmp\//)]);
  expect(valuesOf(config, "client_body_temp_path")).toEqual(["/bodies"]);
  expect(Object.keys(NGINX_TMPFS)).toEqual(["/tmp", "/bodies"]);
});

test("every brace that is opened is closed", () => {
  expect(config.match(/\{/g)?.length).toBe(config.match(/\}/g)?.length);
});

test("a snapshot passes as it comes, however large, and what has begun to be sent is not sent again", () => {
  const snapshot = blockOf(config, "location = /v1/snapshot {");
  expect(valuesOf(snapshot, "proxy_request_buffering")).toEqual(["off"]);
  expect(valuesOf(snapshot, "proxy_buffering")).toEqual(["off"]);
  expect(valuesOf(snapshot, "client_max_body_size")).toEqual(["1g"]);
  // With its body not buffered, Nginx passes a request on only where nothing of it was sent.
  expect(valuesOf(snapshot, "proxy_next_upstream")).toEqual(["error"]);
});
