import { faultsOf, team } from "./catalog-helpers";

const DURATION = "a duration of at least 1s in hours, minutes and seconds, such as";
const ADDRESS = "a host name or an IP address, in which {name} may stand for the short name of the service";
const NAME = "a service name of a-z, 0-9, _ and - that begins with a letter, at most 63 long, and not consul";
const TAG = "a text without white space or control characters, at most 255 long, in quotes if it looks like a number";
const KEY = "a key of A-Z, a-z, 0-9, _ and -, at most 128 long, neither team nor one that begins with consul-";
const VALUE = "a text of at most 512 bytes, in quotes if it looks like a number";
const AFTER = "never, or a duration of at least 1m in hours, minutes and seconds, such as 90s";
const PORT = "a whole number from 1 to 65535";
const PATH = "a path that begins with / and has no spaces, such as /health";
const CHECK = "a mapping with the kind http, tcp or none";
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
    "17: x.token is not a field; write one of port, address, tags, meta, check, deregister_critical_service_after",
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
    '26: x.address is "consul-ui", a name of the platform\'s own; give the service an address of its own',
  ],
  ["x: { port: 1, address: 0.0.0.0 }", `26: x.address is "0.0.0.0"; write ${ADDRESS}`],
  ['x: { port: 1, address: "isa-{nam}" }', `26: x.address is "isa-{nam}"; write ${ADDRESS}`],
  ["x: { port: 1, tags: v1 }", `23: x.tags is "v1"; write a list of at most 64 tags, the team's included`],
  ["x: { port: 1, tags: [v1, 2] }", `28: x.tags[1] is the number 2; write ${TAG}`],
  ["x: { port: 1, tags: [a b] }", `24: x.tags[0] is "a b"; write ${TAG}`],
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
  ["x: { port: 1, check: { kind: ping } }", '32: x.check.kind is "ping"; write one of http, tcp, none'],
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
  ['x: { port: 1, address: "::" }', `26: x.address is "::"; write ${ADDRESS}`],
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
  ["x: { port: 1, checks: {} }", "17: x.checks is not a field; did you mean check?"],
  ["x: { port: 1, check: [] }", `24: x.check is a list of 0; write ${CHECK}`],
  ["x: { port: 1, check: { kind: 5 } }", "32: x.check.kind is 5; write one of http, tcp, none"],
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
    "26: x.check.reason is not a field; write one of kind, path, method, header, body, interval, timeout, success_before_passing, failures_before_critical",
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
    "3: defaults.port is not a field; write one of address, tags, meta, check, deregister_critical_service_after",
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
