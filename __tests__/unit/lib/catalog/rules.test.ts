import { faultsOf, team } from "../../../support/catalog-helpers.js";
import { selfSigned } from "../../../support/self-signed.js";

const DURATION = "a duration of at least 1s in hours, minutes and seconds, such as";
const ADDRESS =
  "a host name or an IP address, in which {name} may stand for the short name of the service and {id} for its id";
const NAME = "a service name of a-z, 0-9, _ and - that begins with a letter, at most 63 long, and not consul";
const TAG = "a text of one line without a space at either end, at most 255 long, in quotes if it looks like a number";
const KEY = "a key of A-Z, a-z, 0-9, _ and -, at most 128 long, neither team nor one that begins with consul-";
const VALUE = "a text of at most 512 bytes, in quotes if it looks like a number";
const AFTER = "never, or a duration of at least 1m in hours, minutes and seconds, such as 90s";
const PORT = "a whole number from 1 to 65535";
const PATH = "a path that begins with / and has no spaces, such as /health";
const CHECK_KINDS = "a mapping with the kind http, tcp, grpc, postgres, redis, resources, ttl, alias or none";
const ID = "an id of letters, digits and _ . : -, at most 60 long";
const REGION = "a region of a-z, 0-9 and -, at most 63 long, such as eu-west-1";
const PEM = "certificates in PEM, at most 8192 characters, as from a file that begins with -----BEGIN CERTIFICATE-----";
const URL = "an address such as https://status.example.com/health, without a user or a password";
const T = "interval: 10s, timeout: 5s";
const FURTHER = CHECK_KINDS.replace(", alias or none", " or alias");
const CHECK = CHECK_KINDS;
const long = (length: number) => "x".repeat(length);

/** Line 6 of a file is one service, in the team with the usual defaults: an HTTP check every 10 s within 5 s. */
test.each([
  ["x: { port: 0 }", `14: x.port is 0; write ${PORT}`],
  ["x: { port: 65536 }", `14: x.port is 65536; write ${PORT}`],
  ["x: { port: 1.5 }", `14: x.port is 1.5; write ${PORT}`],
  ['x: { port: "80" }', `14: x.port is "80"; write ${PORT}`],
  ["x: { port: }", `8: x.port is empty; write ${PORT}`],
  ["x: {}", `3: x.port is missing; write ${PORT}`],
  ["x:", "3: x is empty; write a mapping with at least port"],
  ["x: 8080", "6: x is 8080; write a mapping with at least port"],
  ["x: { port: 1, adress: y }", "17: x.adress is not a field; did you mean address?"],
  [
    "x: { port: 1, token: y }",
    "17: x.token is not a field; write one of port, address, region, weights, tags, meta, check, checks, deregister_critical_service_after, failover, alert, slo, latency, owner, runbook, metrics, dynamic, instances",
  ],
  ["x: { port: 1, port: 2 }", "17: port is given twice, first on line 6; remove or rename one of them"],
  ["x: { port: 1, __proto__: { port: 3 } }", "17: __proto__ is not a field; remove it"],
  ["Bad: { port: 1 }", `3: Bad is not allowed as a name; write ${NAME}`],
  ["consul: { port: 1 }", `3: consul is not allowed as a name; write ${NAME}`],
  ["a b: { port: 1 }", `3: "a b" is not allowed as a name; write ${NAME}`],
  [`${long(64)}: { port: 1 }`, `3: ${long(64)} is not allowed as a name; write ${NAME}`],
  ["x_: { port: 1 }", '3: x_.address becomes "isa-x-", which is no host name; give the service an address of its own'],
  ["x: { port: 1, address: http://y }", `26: x.address is "http://y"; write ${ADDRESS}`],
  ["x: { port: 1, address: 1.2.3 }", `26: x.address is "1.2.3"; write ${ADDRESS}`],
  [
    "x: { port: 1, address: consul-ui }",
    '26: x.address is "consul-ui", which is a name of the platform\'s own; write the host name or address at which others reach the service',
  ],
  [
    "x: { port: 1, address: 0.0.0.0 }",
    '26: x.address is "0.0.0.0", which is no address that anybody could call; write the host name or address at which others reach the service',
  ],
  ['x: { port: 1, address: "isa-{nam}" }', `26: x.address is "isa-{nam}"; write ${ADDRESS}`],
  [
    'x: { port: 1, check: { kind: http, url: "http://a.example/h", port: 8081, interval: 9s, timeout: 3s } }',
    "71: x.check.port is 8081; write port with a path alone: a url says its port itself",
  ],
  [
    'a_b: { port: 1, check: { kind: http, url: "http://{id}.example/h", interval: 9s, timeout: 3s } }',
    '45: a_b.check.url becomes "http://a_b.example/h"; write an address such as https://status.example.com/health, without a user or a password',
  ],
  [
    'localhost: { port: 1, check: { kind: http, url: "http://{id}/h", interval: 9s, timeout: 3s } }',
    '51: localhost.check.url becomes "http://localhost/h", which means whoever asks: the agent would check itself; write the address of what answers for the service',
  ],
  [
    'x: { port: 1, check: { kind: http, url: "http://{port}.example/h", interval: 9s, timeout: 3s } }',
    '43: x.check.url is "http://{port}.example/h"; write an address such as https://status.example.com/health, without a user or a password',
  ],
  ["x: { port: 1, tags: v1 }", `23: x.tags is "v1"; write a list of at most 64 tags, the team's included`],
  ["x: { port: 1, tags: [v1, 2] }", `28: x.tags[1] is the number 2; write ${TAG}`],
  ['x: { port: 1, tags: [" a"] }', `24: x.tags[0] is " a"; write ${TAG}`],
  ['x: { port: 1, tags: ["a "] }', `24: x.tags[0] is "a "; write ${TAG}`],
  ['x: { port: 1, tags: ["a\\tb"] }', `24: x.tags[0] is "a\\tb"; write ${TAG}`],
  ['x: { port: 1, tags: ["a\\u0007"] }', `24: x.tags[0] is "a\\u0007"; write ${TAG}`],
  ["x: { port: 1, meta: { version: 1.0 } }", `34: x.meta.version is the number 1; write ${VALUE}`],
  ["x: { port: 1, meta: { team: y } }", `25: x.meta.team is not allowed as a name; write ${KEY}`],
  ["x: { port: 1, meta: { consul-x: y } }", `25: x.meta.consul-x is not allowed as a name; write ${KEY}`],
  ["x: { port: 1, meta: { a.b: y } }", `25: x.meta."a.b" is not allowed as a name; write ${KEY}`],
  [`x: { port: 1, meta: { a: ${"é".repeat(257)} } }`, `28: x.meta.a is "${"é".repeat(80)}…"; write ${VALUE}`],
  [
    "x: { port: 1, deregister_critical_service_after: 59s }",
    `52: x.deregister_critical_service_after is "59s"; write ${AFTER}`,
  ],
  [
    "x: { port: 1, deregister_critical_service_after: nie }",
    `52: x.deregister_critical_service_after is "nie"; write ${AFTER}`,
  ],
  ["x: { port: 1, check: tcp }", `24: x.check is "tcp"; write ${CHECK}`],
  ["x: { port: 1, check: }", `17: x.check is empty; write ${CHECK}`],
  ["x: { port: 1, check: { kind: htpp, path: / } }", '32: x.check.kind is "htpp"; did you mean http?'],
  [
    "x: { port: 1, check: { kind: ping } }",
    '32: x.check.kind is "ping"; write one of http, tcp, grpc, postgres, redis, resources, ttl, alias, none',
  ],
  ["x: { port: 1, check: { kind: tcp, interval: 9s } }", `17: x.check.timeout is missing; write ${DURATION} 5s`],
  [
    "x: { port: 1, check: { kind: none } }",
    "17: x.check.reason is missing; write a sentence that says why nothing checks this service",
  ],
  [
    "x: { port: 1, check: { kind: none, reason: ' ' } }",
    '46: x.check.reason is " "; write a sentence that says why nothing checks this service',
  ],
  ["x: { port: 1, check: { intervall: 9s } }", "26: x.check.intervall is not a field; did you mean interval?"],
  ["x: { port: 1, check: { path: health } }", `32: x.check.path is "health"; write ${PATH}`],
  ["x: { port: 1, check: { path: /a%zz } }", `32: x.check.path is "/a%zz"; write ${PATH}`],
  ["x: { port: 1, check: { method: get } }", '34: x.check.method is "get"; write one of GET, HEAD, OPTIONS, POST, PUT'],
  ["x: { port: 1, check: { interval: 10 } }", `36: x.check.interval is the number 10; write ${DURATION} 10s or 1m30s`],
  ["x: { port: 1, check: { interval: 1.5m } }", `36: x.check.interval is "1.5m"; write ${DURATION} 10s or 1m30s`],
  [
    "x: { port: 1, check: { success_before_passing: -1 } }",
    "50: x.check.success_before_passing is -1; write a whole number from 0 to 1000",
  ],
  [
    "x: { port: 1, check: { failures_before_criticle: 1 } }",
    "26: x.check.failures_before_criticle is not a field; did you mean failures_before_critical?",
  ],
  [
    "x: { port: 1, check: { header: [a] } }",
    "34: x.check.header is a list of 1; write a mapping of at most 32 texts by name",
  ],
  [
    "x: { port: 1, check: { header: { a b: c } } }",
    '36: x.check.header."a b" is not allowed as a name; write a header\'s name of letters, digits and -, at most 128 long',
  ],
  [
    "x: { port: 1, check: { header: { a: 1 } } }",
    "39: x.check.header.a is the number 1; write a text of one line, at most 1024 long, in quotes if it looks like a number",
  ],
  [
    'x: { port: 1, check: { body: "a\\nb" } }',
    '32: x.check.body is "a\\nb"; write a text of one line, at most 4096 long',
  ],
  ['x: { port: 1, check: { redirects: "yes" } }', '37: x.check.redirects is "yes"; write true or false'],
  [
    "x: { port: 1, check: { kind: tcp, redirects: true, interval: 9s, timeout: 3s } }",
    "37: x.check.redirects is not a field; write one of kind, port, interval, timeout, success_before_passing, failures_before_critical",
  ],
  ["x: { port: 1, check: { timeout: 0s } }", `35: x.check.timeout is "0s"; write ${DURATION} 5s`],
  ["x: { port: 1, check: { timeout: 500ms } }", `35: x.check.timeout is "500ms"; write ${DURATION} 5s`],
  [
    "x: { port: 1, check: { timeout: 11s } }",
    '35: x.check.timeout is "11s"; write a timeout no longer than the interval',
  ],
  [
    "x: { port: 1, check: { interval: 4s } }",
    '17: x.check.timeout is "5s"; write a timeout no longer than the interval',
  ],
  ["x: { port: -1 }", `14: x.port is -1; write ${PORT}`],
  ["x: { port: true }", `14: x.port is true; write ${PORT}`],
  ["x: { port: [1] }", `14: x.port is a list of 1; write ${PORT}`],
  ["x: [port, 1]", "6: x is a list of 2; write a mapping with at least port"],
  ["1x: { port: 1 }", `3: 1x is not allowed as a name; write ${NAME}`],
  ['"": { port: 1 }', `3: "" is not allowed as a name; write ${NAME}`],
  ['x: { port: 1, address: "" }', `26: x.address is ""; write ${ADDRESS}`],
  ["x: { port: 1, address: 5 }", `26: x.address is the number 5; write ${ADDRESS}`],
  ["x: { port: 1, address: a b }", `26: x.address is "a b"; write ${ADDRESS}`],
  ['x: { port: 1, address: "h:80" }', `26: x.address is "h:80"; write ${ADDRESS}`],
  [
    'x: { port: 1, address: "::" }',
    '26: x.address is "::", which is no address that anybody could call; write the host name or address at which others reach the service',
  ],
  [`x: { port: 1, address: ${long(64)}.de }`, `26: x.address is "${long(64)}.de"; write ${ADDRESS}`],
  ["x: { port: 1, tag: [a] }", "17: x.tag is not a field; did you mean tags?"],
  ['x: { port: 1, tags: [""] }', `24: x.tags[0] is ""; write ${TAG}`],
  ["x: { port: 1, tags: [true] }", `24: x.tags[0] is true; write ${TAG}`],
  [`x: { port: 1, tags: [${long(256)}] }`, `24: x.tags[0] is "${long(80)}…"; write ${TAG}`],
  [
    "x: { port: 1, tags: { a: b } }",
    "23: x.tags is a mapping of 1; write a list of at most 64 tags, the team's included",
  ],
  ["x: { port: 1, meta: [a] }", "23: x.meta is a list of 1; write a mapping of at most 63 texts, the team's included"],
  ["x: { port: 1, meta: { a: true } }", `28: x.meta.a is true; write ${VALUE}`],
  ["x: { port: 1, meta: { a: } }", `25: x.meta.a is empty; write ${VALUE}`],
  [`x: { port: 1, meta: { ${long(129)}: a } }`, `25: x.meta."${long(80)}…" is not allowed as a name; write ${KEY}`],
  ["x: { port: 1, metadata: { a: b } }", "17: x.metadata is not a field; did you mean meta?"],
  [
    "x: { port: 1, deregister: 90s }",
    "17: x.deregister is not a field; did you mean deregister_critical_service_after?",
  ],
  ["x: { port: 1, chekcs: {} }", "17: x.chekcs is not a field; did you mean checks?"],
  ["x: { port: 1, check: [] }", `24: x.check is a list of 0; write ${CHECK}`],
  [
    "x: { port: 1, check: { kind: 5 } }",
    "32: x.check.kind is 5; write one of http, tcp, grpc, postgres, redis, resources, ttl, alias, none",
  ],
  ["x: { port: 1, check: { kind: TCP } }", '32: x.check.kind is "TCP"; did you mean tcp?'],
  ["x: { port: 1, check: { path: 5 } }", `32: x.check.path is the number 5; write ${PATH}`],
  ["x: { port: 1, check: { interval: 10 s } }", `36: x.check.interval is "10 s"; write ${DURATION} 10s or 1m30s`],
  ["x: { port: 1, check: { interval: 1s1m } }", `36: x.check.interval is "1s1m"; write ${DURATION} 10s or 1m30s`],
  ["x: { port: 1, check: { timeout: } }", `26: x.check.timeout is empty; write ${DURATION} 5s`],
  [
    "x: { port: 1, check: { failures_before_critical: 1001 } }",
    "52: x.check.failures_before_critical is 1001; write a whole number from 0 to 1000",
  ],
  [
    "x: { port: 1, check: { reason: because } }",
    "26: x.check.reason is not a field; write one of kind, path, url, method, header, body, redirects, port, tls, tls_server_name, ca_pem, interval, timeout, success_before_passing, failures_before_critical",
  ],
  [
    "x: { port: 1, deregister_critical_service_after: 90 }",
    `52: x.deregister_critical_service_after is 90; write ${AFTER}`,
  ],
  ["x: { port: 1, meta: *owner }", "23: *owner stands for nothing; write &owner before the value it is to stand for"],
])("%s is refused", (line, expected) => {
  expect(faultsOf({ "a.yaml": team("t", [line]) })).toEqual([`a.yaml:6:${expected}`]);
});

/** Line 5 of a file is one more default. */
test.each([
  ["tag: [v1]", "3: defaults.tag is not a field; did you mean tags?"],
  [
    "port: 1",
    "3: defaults.port is not a field; write one of address, tags, meta, check, deregister_critical_service_after, failover, alert, slo, latency, owner, runbook, metrics",
  ],
  ["tags: [1]", `10: defaults.tags[0] is the number 1; write ${TAG}`],
  ["deregister_critical_service_after: 1s", `38: defaults.deregister_critical_service_after is "1s"; write ${AFTER}`],
])("%s is refused as a default", (line, expected) => {
  expect(faultsOf({ "a.yaml": team("t", ["x: { port: 1 }"], [line]) })).toEqual([`a.yaml:5:${expected}`]);
});

test("a service and its team have at most 64 tags and 63 meta pairs together", () => {
  const tags = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `t${from + n}`);
  const meta = (from: number, to: number) =>
    `{ ${tags(from, to)
      .map((key) => `${key}: v`)
      .join(", ")} }`;
  const more = [`tags: [${tags(0, 40)}]`, `meta: ${meta(0, 40)}`];
  const service = (n: number) => `x: { port: 1, tags: [${tags(40, n + 1)}], meta: ${meta(40, n)} }`;
  expect(faultsOf({ "a.yaml": team("t", [service(63)], more) })).toEqual([]);
  expect(faultsOf({ "a.yaml": team("t", [service(64)], more) })).toEqual([
    "a.yaml:8:23: x.tags has 65 entries with the team's; write a list of at most 64 tags, the team's included",
    expect.stringMatching(/^a.yaml:8:\d+: x.meta has 64 entries with the team's; write a mapping of at most 63 texts/),
  ]);
});

test("a service that is too long for Consul KV is refused", () => {
  const meta = (bytes: number) => Array.from({ length: 40 }, (_, n) => `k${n}: ${"x".repeat(bytes)}`).join(", ");
  expect(faultsOf({ "a.yaml": team("t", [`x: { port: 1, meta: { ${meta(380)} } }`]) })).toEqual([]);
  expect(faultsOf({ "a.yaml": team("t", [`x: { port: 1, meta: { ${meta(420)} } }`]) })).toEqual([
    expect.stringMatching(
      /^a.yaml:6:3: x is 17\d{3} characters long as Consul's JSON, and 16384 are the most; shorten/,
    ),
  ]);
});

test("a service without a check or an address of its own or its team's is refused", () => {
  expect(faultsOf({ "a.yaml": "team: t\nservices:\n  x: { port: 1 }\n" })).toEqual([
    'a.yaml:3:3: x has no check and neither has its team; add check to it or to defaults; to go without, write check: { kind: none, reason: "why" }',
    "a.yaml:3:3: x has no address and neither has its team; add address to it or to defaults, such as isa-{name}",
  ]);
});

/** The same for instances, several checks and the kinds of check. */
test.each([
  [
    "x: { port: 1, instances: [] }",
    "28: x.instances is a list of 0; write at least one instance, or leave instances out",
  ],
  ["x: { port: 1, instances: { a: b } }", "28: x.instances is a mapping of 1; write a list of instances"],
  ["x: { port: 1, instances: [{ port: 2 }] }", `29: x.instances[0].id is missing; write ${ID}`],
  ["x: { port: 1, instances: [{ id: a b }] }", `35: x.instances[0].id is "a b"; write ${ID}`],
  ["x: { port: 1, instances: [{ id: /etc }] }", `35: x.instances[0].id is "/etc"; write ${ID}`],
  ["x: { port: 1, instances: [{ id: a, prot: 2 }] }", "38: x.instances[0].prot is not a field; did you mean port?"],
  ["x: { instances: [{ id: a }] }", `20: x.instances[0].port is missing; write ${PORT}`],
  ["x: { port: 1, instances: [{ id: a, port: 0 }] }", `44: x.instances[0].port is 0; write ${PORT}`],
  [
    "x: { port: 1, instances: [{ id: a, address: consul-ui }] }",
    '47: x.instances[0].address is "consul-ui", which is a name of the platform\'s own; write the host name or address at which others reach the service',
  ],
  [
    "x: { port: 1, instances: [{ id: a }, { id: a, port: 2 }] }",
    "46: the id a is declared already, at a.yaml:6; give one of them another id",
  ],
  ["x: { port: 1, region: EU }", `25: x.region is "EU"; write ${REGION}`],
  ["x: { port: 1, weights: { passing: 2 } }", "17: x.weights.warning is missing; write a whole number from 0 to 65535"],
  [
    "x: { port: 1, weights: { passing: 0, warning: 0 } }",
    "37: x.weights.passing is 0; write a whole number from 1 to 65535",
  ],
  ["x: { port: 1, weights: 5 }", "26: x.weights is 5; write a mapping with passing and warning"],
  ["x: { port: 1, checks: [] }", "25: x.checks is a list of 0; write a mapping of at most 16 complete checks by name"],
  [
    `x: { port: 1, checks: { A: { kind: tcp, ${T} } } }`,
    "27: x.checks.A is not allowed as a name; write a name of a-z, 0-9 and - that begins with a letter, at most 63 long",
  ],
  [
    `x: { port: 1, checks: { http: { kind: tcp, ${T} } } }`,
    "33: x.checks.http has the name of the service's own check; give it another name",
  ],
  [
    "x: { port: 1, checks: { a: { kind: tcp, timeout: 5s } } }",
    `27: x.checks.a.interval is missing; write ${DURATION} 10s or 1m30s`,
  ],
  [
    "x: { port: 1, checks: { a: { kind: none, reason: r } } }",
    '38: x.checks.a.kind is "none"; write one of http, tcp, grpc, postgres, redis, resources, ttl, alias',
  ],
  ["x: { port: 1, checks: { a: 5 } }", `30: x.checks.a is 5; write ${FURTHER}`],
  ["x: { port: 1, check: { url: ftp://y } }", `31: x.check.url is "ftp://y"; write ${URL}`],
  ["x: { port: 1, check: { url: https://u:p@y } }", `31: x.check.url is "https://u:p@y"; write ${URL}`],
  [
    "x: { port: 1, check: { path: /, url: https://y } }",
    '40: x.check.url is "https://y"; write either a path or a url',
  ],
  [
    "x: { port: 1, check: { url: https://y, tls: true } }",
    "47: x.check.tls is true; write tls with a path alone: a url says http:// or https:// itself",
  ],
  ["x: { port: 1, check: { tls: yes } }", '31: x.check.tls is "yes"; write true or false'],
  [
    "x: { port: 1, check: { tls: true, tls_server_name: 10.0.0.1 } }",
    '54: x.check.tls_server_name is "10.0.0.1"; write the host name that the server\'s certificate carries, such as db.example.com',
  ],
  ["x: { port: 1, check: { tls: true, ca_pem: /etc/ca.pem } }", `45: x.check.ca_pem is "/etc/ca.pem"; write ${PEM}`],
  [
    'x: { port: 1, check: { tls: true, ca_pem: "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----" } }',
    `45: x.check.ca_pem is "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"; write ${PEM}`,
  ],
  [
    `x: { port: 1, check: { kind: grpc, service: a/b, ${T} } }`,
    '47: x.check.service is "a/b"; write the full name of a gRPC service, such as orders.v1.Orders',
  ],
  [
    `x: { port: 1, check: { kind: postgres, ${T} } }`,
    "17: x.check.user is missing; write the name of a role of the database, at most 63 letters, digits, _ and -",
  ],
  [
    `x: { port: 1, check: { kind: postgres, user: u, password: p, ${T} } }`,
    "51: x.check.password is not a field; write one of kind, user, database, interval, timeout, success_before_passing, failures_before_critical",
  ],
  [
    `x: { port: 1, check: { kind: redis, user: u, ${T} } }`,
    "39: x.check.user is not a field; write one of kind, interval, timeout, success_before_passing, failures_before_critical",
  ],
  [
    `x: { port: 1, check: { kind: resources, cpu: 0, ${T} } }`,
    "48: x.check.cpu is 0; write a whole number from 1 to 100",
  ],
  [
    "x: { port: 1, check: { kind: ttl } }",
    "17: x.check.ttl is missing; write a duration of at least 1s in hours, minutes and seconds, such as 30s",
  ],
  [
    "x: { port: 1, check: { kind: alias } }",
    "17: x.check.service is missing; write the name of a service of the catalog, or the id of one of its instances",
  ],
  [
    "x: { port: 1, check: { kind: alias, service: y } }",
    "48: x has an alias check of y, and no service or instance has that id; name a service of the catalog",
  ],
  [
    "x: { port: 1, check: { kind: alias, service: x } }",
    "48: x has an alias check of itself; name a service of the catalog",
  ],
  ["x: { port: 1, check: { kind: grcp } }", '32: x.check.kind is "grcp"; did you mean grpc?'],
])("%s is refused", (line, fault) => {
  expect(faultsOf({ "a.yaml": team("t", [line]) })).toEqual([`a.yaml:6:${fault}`]);
});

test.each([
  [
    "x: { dynamic: true, port: 1 }",
    "23: x.port stands beside dynamic; leave it out: the instances of a dynamic service say it when they register themselves",
  ],
  ["x: { dynamic: false, port: 1 }", "17: x.dynamic is false; write true, or leave it out"],
  [
    "x: { dynamic: true, failover: [] }",
    "33: x.failover is a list of 0; write a list of 1 to 10 names of datacenters, such as dc2, each once",
  ],
  [
    "x: { port: 1, failover: [dc2, dc2] }",
    "27: x.failover is a list of 2; write a list of 1 to 10 names of datacenters, such as dc2, each once",
  ],
  [
    "x: { port: 1, failover: dc2 }",
    '27: x.failover is "dc2"; write a list of 1 to 10 names of datacenters, such as dc2, each once',
  ],
])("%s is refused", (line, fault) => {
  expect(faultsOf({ "a.yaml": team("t", [line]) })).toEqual([`a.yaml:6:${fault}`]);
});

test("two services may not have one name in DNS", () => {
  expect(faultsOf({ "a.yaml": team("t", ["a_b: { port: 1 }", "a-b: { dynamic: true }"]) })).toEqual([
    "a.yaml:7:3: a-b is a-b in DNS, as a_b at a.yaml:6 is; rename one of them",
  ]);
});

test("an authority without TLS is refused", () => {
  const pem = JSON.stringify(selfSigned("db.example.com").certPem);
  const redirects = team("t", [`x: { port: 1, check: { tls: true, ca_pem: ${pem}, redirects: true } }`]);
  expect(faultsOf({ "a.yaml": redirects })).toEqual([
    expect.stringMatching(
      /x\.check\.redirects is true; write redirects: false beside ca_pem: only that host is trusted$/,
    ),
  ]);
  expect(faultsOf({ "a.yaml": redirects.replace("redirects: true", "redirects: false") })).toEqual([]);
  expect(faultsOf({ "a.yaml": team("t", [`x: { port: 1, check: { ca_pem: ${pem} } }`]) })).toEqual([
    expect.stringMatching(
      /^a\.yaml:6:34: x\.check\.ca_pem is "-----BEGIN .*; write ca_pem where the check is made over TLS: with tls: true, or a url of https:\/\/$/,
    ),
  ]);
});

test("an instance may not have the id of a service", () => {
  const services = ["x: { port: 1 }", "y: { port: 2, instances: [{ id: x }] }"];
  expect(faultsOf({ "a.yaml": team("t", services) })).toEqual([
    "a.yaml:7:35: the id x is a service's name, at a.yaml:6; give the instance another id",
  ]);
});

test("aliases that go in a circle are refused, each where it stands", () => {
  const alias = (of: string) => `{ kind: alias, service: ${of} }`;
  const services = [`x: { port: 1, check: ${alias("y")} }`, `y: { port: 2, checks: { z: ${alias("x")} } }`];
  expect(faultsOf({ "a.yaml": team("t", services) })).toEqual([
    "a.yaml:6:48: x, an alias of y, an alias of x go in a circle, so none of them would ever pass; give one of them a check of its own",
    "a.yaml:7:54: y, an alias of x, an alias of y go in a circle, so none of them would ever pass; give one of them a check of its own",
  ]);
});

test("aliases that branch are followed in no time, however many ways there are", () => {
  const layers = Array.from({ length: 12 }, (_, layer) =>
    Array.from({ length: 12 }, (_, n) => {
      const below = Array.from({ length: 12 }, (_, m) => `c${m}: { kind: alias, service: s${layer + 1}x${m} }`);
      return `s${layer}x${n}: { port: ${layer * 100 + n + 1}${layer === 11 ? "" : `, checks: { ${below.join(", ")} }`} }`;
    }),
  );
  const begun = performance.now();
  expect(faultsOf({ "a.yaml": team("t", layers.flat()) })).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(3000);
});

test("an alias of a service whose instances register themselves is refused, for it would never pass", () => {
  const services = ["w: { dynamic: true }", "y: { port: 2, check: { kind: alias, service: w } }"];
  expect(faultsOf({ "a.yaml": team("t", services) })).toEqual([
    "a.yaml:7:48: y has an alias check of w, which is dynamic: the catalog registers no instance that it could follow, so it would never pass; give y a check of its own, or declare the instances of w here",
  ]);
  const further = ["w: { dynamic: true }", "y: { port: 2, checks: { up: { kind: alias, service: w } } }"];
  expect(faultsOf({ "a.yaml": team("t", further) })).toEqual([expect.stringContaining("a.yaml:7:55: y has an alias")]);
});

test("an alias of a service that nothing checks is refused, for it would always pass", () => {
  const of = (checks: string) => [
    `n: { port: 1, check: { kind: none, reason: r }${checks} }`,
    "y: { port: 2, check: { kind: alias, service: n } }",
  ];
  expect(faultsOf({ "a.yaml": team("t", of(", checks: { a: { kind: tcp, interval: 9s, timeout: 9s } }")) })).toEqual(
    [],
  );
  expect(faultsOf({ "a.yaml": team("t", of("")) })).toEqual([
    "a.yaml:7:48: y has an alias check of n, which nothing checks, so it would always pass; give n a check, or write kind: none with a reason here too",
  ]);
});

test("of a long circle of aliases the beginning is told", () => {
  const services = Array.from(
    { length: 100 },
    (_, n) => `s${n}: { port: ${n + 1}, check: { kind: alias, service: s${(n + 1) % 100} } }`,
  );
  const faults = faultsOf({ "a.yaml": team("t", services) });
  expect(faults).toHaveLength(20);
  expect(faults[0]).toMatch(/: s0, an alias of s1, .* an alias of s19, an alias of … go in a circle/);
});

test("an alias of a service that has a mistake is not a second mistake", () => {
  const services = ["x: { port: 0 }", "y: { port: 2, check: { kind: alias, service: x } }"];
  expect(faultsOf({ "a.yaml": team("t", services) })).toEqual([`a.yaml:6:14: x.port is 0; write ${PORT}`]);
});

test("an alias of a service with several instances names one of them", () => {
  const services = (of: string) => [
    "x: { port: 1, instances: [{ id: x-1, address: a }, { id: x-2, address: b }] }",
    `y: { port: 2, check: { kind: alias, service: ${of} } }`,
  ];
  expect(faultsOf({ "a.yaml": team("t", services("x-2")) })).toEqual([]);
  expect(faultsOf({ "a.yaml": team("t", services("x")) })).toEqual([
    "a.yaml:7:48: y has an alias check of x, and no service or instance has that id; did you mean x-1?",
  ]);
});
