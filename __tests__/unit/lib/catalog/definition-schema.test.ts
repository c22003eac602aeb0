import fc from "fast-check";
import { kvValue, renderDefinition } from "../../../../lib/catalog/definition.js";
import { faultOf } from "../../../../lib/catalog/definition-schema.js";
import { parseStrict } from "../../../../lib/catalog/strict-json.js";
import { anyCatalog } from "../../../support/catalog-generator.js";
import { catalogOf } from "../../../support/catalog-helpers.js";

const check = {
  id: "billing:http",
  name: "HTTP GET /health",
  http: "http://isa-billing:8216/health",
  method: "GET",
  interval: "10s",
  timeout: "5s",
  deregister_critical_service_after: "90s",
};
const billing = {
  id: "billing",
  name: "billing",
  address: "isa-billing",
  port: 8216,
  tags: ["v1", 'a ${b} "quoted" é <&>'],
  meta: { team: "user-platform", version: "1.0.0" },
  checks: [check],
};
const withCheck = (changes: object) => ({ ...billing, checks: [{ ...check, ...changes }] });
const withMeta = (pairs: object) => ({ ...billing, meta: { ...billing.meta, ...pairs } });

test("what synth renders of any catalog is a definition, 1,000 services", () => {
  const services = fc.sample(anyCatalog, { numRuns: 200, seed: 1 }).flatMap((files) => catalogOf(files).services);
  expect(services.length).toBeGreaterThan(1000);
  // renderDefinition judges each; the text says the same again.
  for (const service of services) expect(parseStrict(kvValue(service))).toEqual(renderDefinition(service));
});

test.each<[string, unknown]>([
  ["every field of an HTTP check", withCheck({ notes: "n", body: "b", header: { "X-A": ["1", "2"], B: [] } })],
  [
    "how its answers count",
    withCheck({ success_before_passing: 2, failures_before_warning: 1, failures_before_critical: 3 }),
  ],
  ["how it takes them", withCheck({ disable_redirects: true, output_max_size: 1 })],
  ["tcp", { ...billing, checks: [{ id: "billing:tcp", tcp: "isa-billing:8216", interval: "1m30s" }] }],
  [
    "grpc",
    {
      ...billing,
      checks: [{ id: "billing:a", grpc: "a:1/x", grpc_use_tls: true, tls_server_name: "x", interval: "0.5s" }],
    },
  ],
  [
    "a heartbeat and an alias",
    {
      ...billing,
      checks: [
        { id: "billing:ttl", ttl: "60s" },
        { id: "billing:b", alias_service: "b" },
      ],
    },
  ],
  ["no check, at an IPv6 address", { ...billing, address: "fd00::1", checks: [] }],
  ["weights", { ...billing, weights: { passing: 65535, warning: 0 } }],
  ["line breaks in a meta value", withMeta({ note: 'two\nlines\tand "quotes"' })],
])("takes %s", (_what, definition) => {
  expect(faultOf(definition)).toBeUndefined();
});

test.each<[string, unknown, string]>([
  ["no object", [], "value: must be one object"],
  ["an unknown field", { ...billing, kind: "mesh" }, "kind: not a field that a service may have"],
  ["a field in capitals", { ...billing, Token: "x" }, "Token: not a field that a service may have"],
  ["a token", { ...billing, token: "s3cret" }, "token: a definition may not carry a token"],
  ["an escaped control character", { ...billing, tags: ["v\u0007"] }, "tags[0]: holds a control character"],
  ["half a character", { ...billing, tags: ["\ud800"] }, "tags[0]: holds half a character"],
  ["half a character in meta", withMeta({ note: "\udc00" }), "meta.note: holds half a character"],
  ["a number in meta", withMeta({ n: 1 }), "meta.n: must be a string"],
  ["a meta value that Consul refuses", withMeta({ n: "é".repeat(257) }), "meta.n: is longer than 512 bytes"],
  [
    "a meta key that Consul keeps",
    withMeta({ "consul-x": "1" }),
    "meta: has a key that is not of A-Z a-z 0-9 _ -, at most 128 long, or begins with consul-",
  ],
  [
    "too many pairs",
    withMeta(Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`k${n}`, ""]))),
    "meta: has more than 64 pairs",
  ],
  ["port 0", { ...billing, port: 0 }, "port: must be a whole number from 1 to 65535"],
  ["port 65536", { ...billing, port: 65536 }, "port: must be a whole number from 1 to 65535"],
  ["port 80.5", { ...billing, port: 80.5 }, "port: must be a whole number from 1 to 65535"],
  ["a port in quotes", { ...billing, port: "80" }, "port: must be a whole number from 1 to 65535"],
  ["no port", { ...billing, port: undefined }, "port: is missing"],
  [
    "an address with a port",
    { ...billing, address: "isa-billing:80" },
    "address: must be a host name or an IP address",
  ],
  ["the address of every machine", { ...billing, address: "::" }, "address: must be the address of one machine"],
  ["a name of nothing", { ...billing, name: "" }, "name: is empty"],
  ["tags that are no list", { ...billing, tags: "v1" }, "tags: must be a list of strings"],
  ["a tag that is no string", { ...billing, tags: [1] }, "tags[0]: must be a string"],
  ["checks that are no list", { ...billing, checks: {} }, "checks: must be a list of checks"],
  ["an empty check", { ...billing, checks: [{}] }, "checks[0].id: is missing"],
  ["a status", withCheck({ status: "passing" }), "checks[0].status: not a field that a check may have"],
  ["a command", withCheck({ args: ["sh", "-c", "id"] }), "checks[0].args: a check may not run a command"],
  ["two kinds", withCheck({ tcp: "x:1" }), "checks[0]: must have exactly one of http, tcp, grpc, ttl, alias_service"],
  [
    "no kind",
    { ...billing, checks: [{ id: "billing:x", interval: "1s" }] },
    "checks[0]: must have exactly one of http, tcp, grpc, ttl, alias_service",
  ],
  [
    "no interval",
    { ...billing, checks: [{ id: "billing:x", tcp: "a:1" }] },
    "checks[0].interval: belongs to every check but one of ttl or an alias",
  ],
  ["an interval of nothing", withCheck({ interval: "0s" }), "checks[0].interval: must be longer than nothing"],
  ["a duration with a space", withCheck({ timeout: "5 s" }), 'checks[0].timeout: must be a duration such as "10s"'],
  [
    "a duration that Consul cannot count",
    withCheck({ timeout: "9999999999h" }),
    "checks[0].timeout: must be at most 100000h",
  ],
  ["a file as address", withCheck({ http: "file:///etc/passwd" }), "checks[0].http: must be an http or https address"],
  [
    "a redirect in words",
    withCheck({ disable_redirects: "yes" }),
    "checks[0].disable_redirects: must be true or false",
  ],
  [
    "half an answer",
    withCheck({ output_max_size: 0.5 }),
    "checks[0].output_max_size: must be a whole number from 0 to 65535",
  ],
  [
    "a warning after what is critical",
    withCheck({ failures_before_warning: 3 }),
    "checks[0].failures_before_warning: must not be more than failures_before_critical",
  ],
  [
    "a foreign check id",
    withCheck({ id: "other:http" }),
    "checks[0].id: must be <service>:<something> of A-Z a-z 0-9 _ . -",
  ],
  ["two checks of one id", { ...billing, checks: [check, check] }, "checks[1].id: given to two checks"],
  ["a header that is no list", withCheck({ header: { a: "x" } }), "checks[0].header.a: must be a list of strings"],
  ["half of the weights", { ...billing, weights: { passing: 1 } }, "weights.warning: is missing"],
  [
    "a weight that Consul refuses",
    { ...billing, weights: { passing: 0, warning: 0 } },
    "weights.passing: must be a whole number from 1 to 65535",
  ],
  [
    "a weight of nothing",
    { ...billing, weights: { passing: 1, warning: 1, idle: 1 } },
    "weights.idle: not a field that weights may have",
  ],
  [
    "an alias with an interval",
    { ...billing, checks: [{ id: "billing:a", alias_service: "x", interval: "1s" }] },
    "checks[0].interval: belongs to every check but one of ttl or an alias",
  ],
])("refuses %s, by the field's name and without the value", (_what, definition, fault) => {
  expect(faultOf(definition)).toBe(fault);
});

test.each<[string, string, string]>([
  ["broken JSON", "{", "value: not valid JSON"],
  ["nothing", "", "value: not valid JSON"],
  ["something after the object", "{}{}", "value: not valid JSON"],
  ["a bad escape", '{"a":"\\x"}', "value: not valid JSON"],
  ["10,000 brackets", "[".repeat(10_000), "value: not valid JSON"],
  ["a field twice", '{"a":1,"a":1}', "a: given twice"],
  ["a field twice, in disguise", '{"port":1,"p\\u006frt":2}', "port: given twice"],
  ["a field twice within a list", '{"a":[{"b":1},{"b":[1,2],"c":{"b":1},"b":2}]}', "a[1].b: given twice"],
  [
    "what JavaScript has for something else",
    '{"meta":{"__proto__":{}}}',
    "meta.__proto__: not a name that a field may have",
  ],
])("no JSON text is %s", (_what, text, fault) => {
  expect(() => parseStrict(text)).toThrow(fault);
});

test("a JSON text may say the same in several places, and hold what looks like JSON", () => {
  const value = { a: ["{", '"b":1,"b":1', "\\"], b: { a: [], b: [{ a: 1 }, { a: 1 }] } };
  expect(parseStrict(JSON.stringify(value, null, 2))).toEqual(value);
});
