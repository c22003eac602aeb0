import { namesSecret, secretInUrl, withoutSecrets } from "../../../../lib/catalog/secret.js";
import { faultsOf, team } from "../../../support/catalog-helpers.js";

const SECRET = "carries a secret";
const WHY =
  "the catalog lies in git, and Consul shows it to everybody; write a request that needs none, such as an open health path";
const faults = (line: string) => faultsOf({ "a.yaml": team("t", [line]) });
const checked = (fields: string) => `x: { port: 1, check: { ${fields} } }`;

test.each([
  ...[
    "Authorization",
    "authorization",
    "Proxy-Authorization",
    "Cookie",
    "X-Consul-Token",
    "X-Vault-Token",
    "Private-Token",
  ],
  ...[
    "X-Api-Key",
    "Api-Key",
    "apikey",
    "X-API-Secret",
    "X-Amz-Security-Token",
    "Ocp-Apim-Subscription-Key",
    "X-Auth-Key",
  ],
  ...["x-functions-key", "X-Auth", "Token", "X-Goog-Api-Key", "X-Session-Id", "X-Hub-Signature", "X-Access-Token"],
  ...[
    "DD-APPLICATION-KEY",
    "X-Api-Key-V2",
    "X-Auth-Pass",
    "Fastly-Key",
    "X-Basic-Auth",
    "X-OTP",
    "X-License-Key",
    "Deploy-Key",
  ],
  ...["X-Secret-Id", "X-JWT-Assertion", "X-RapidAPI-Key", "X-ApiKey", "X-Hub-Signature-256", "X-Api-Token-V2"],
])("a check with the header %s is refused, and its value is not shown", (name) => {
  expect(faults(checked(`header: { ${name}: hunter2 }`))).toEqual([
    expect.stringMatching(new RegExp(`^a\\.yaml:6:\\d+: x\\.check\\.header\\.${name} ${SECRET}: ${WHY}$`)),
  ]);
});

test.each([
  ...[
    "Host",
    "Accept",
    "Content-Type",
    "User-Agent",
    "X-Request-Id",
    "X-Forwarded-Proto",
    "Idempotency-Key",
    "X-Token-Count",
  ],
  ...["X-Author", "X-Tenant", "Sec-WebSocket-Key", "X-Cache-Key", "X-Health-Check", "Cache-Control"],
])("a check may have the header %s", (name) => {
  expect(faults(checked(`header: { ${name}: hunter2 }`))).toEqual([]);
});

test.each([
  "header: { X-Check: Basic dXNlcjpzZWNyZXQ= }",
  "header: { X-Check: Bearer abcdefgh1234 }",
  "header: { X-Check: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x }",
  "header: { X-Check: ghp_0123456789abcdefghijABCDEFGHIJ }",
  "path: /health?token=hunter2",
  "path: /health?a=1&access_token=hunter2",
  'path: "/health?%74oken=hunter2"',
  'path: "/health?a=1;api_key=hunter2"',
  "path: /health?key=hunter2",
  "path: /health?license_key=hunter2",
  "path: /health?sid=hunter2",
  "path: /api/health?code=hunter2hunter2hunter2==",
  "url: https://hooks.slack.com/services/hunter2",
  "path: /bot123456789:hunter2hunter2hunter2hunter2hunter2/getMe",
  "body: <password>hunter2</password>, method: POST",
  'body: \'{"pass": "hunter2"}\', method: POST',
  "url: https://status.example.com/health?apikey=hunter2",
  "url: https://status.example.com/?X-Amz-Signature=hunter2",
  "url: https://status.example.com/?password=hunter2",
  'body: \'{"password": "hunter2"}\', method: POST',
  "body: user=a&client_secret=hunter2, method: POST",
])("a check with %s is refused, and the secret is not shown", (fields) => {
  const told = faults(checked(fields));
  expect(told).toEqual([expect.stringContaining(WHY)]);
  expect(told[0]).not.toMatch(/hunter2|dXNl|abcdefgh|eyJ|ghp_/);
  const further = `x: { port: 1, checks: { a: { kind: http, interval: 9s, timeout: 9s, ${fields}${/path|url/.test(fields) ? "" : ", path: /"} } } }`;
  expect(faults(further)).toEqual([expect.stringContaining(WHY)]);
});

test.each([
  "path: /health?verbose=1&keys=3",
  "path: /health?key=status",
  "url: https://status.example.com/config?key=feature-flags",
  "path: /health?auth=false&session=off&token=",
  "path: /health?code=200",
  'body: \'{"model": "m", "max_tokens": 1, "tokens": 5, "auth": null}\', method: POST',
  "path: /api/tokens/health",
  "path: /token",
  "url: https://status.example.com/auth/health",
  'body: \'{"query": "{ health { key } }"}\', method: POST',
  "header: { Accept: text/plain; q=0.5 }",
])("a check with %s is taken", (fields) => expect(faults(checked(fields))).toEqual([]));

test.each([
  'tags: ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x"]',
  "tags: [ghp_0123456789abcdefghijABCDEFGHIJ]",
  'meta: { a: "-----BEGIN RSA PRIVATE KEY-----" }',
  "meta: { a: AKIAIOSFODNN7EXAMPLE }",
  "meta: { a: ASIAIOSFODNN7EXAMPLE }",
  `meta: { a: ${["sk", "live", "0123456789abcdefghij"].join("_")} }`,
  "tags: [npm_0123456789abcdefghijABCDEFGHIJ]",
  "tags: [pypi-AgEIcHlwaS5vcmcAAAAAAAAAAA]",
  "tags: [sk-0123456789abcdefghijABCDEFGHIJ]",
  "tags: [sk-proj-0123-4567-89abcdefgh]",
  `meta: { a: ${"AIza"}${"x".repeat(35)} }`,
  'meta: { a: "postgres://ann:hunter2@db:5432/x" }',
  'meta: { a: "https://wiki.example.com/?token=hunter2" }',
])("a service with %s is refused: a secret of a known form is none in tags or meta either", (fields) => {
  const told = faults(`x: { port: 1, ${fields} }`);
  expect(told).toEqual([expect.stringMatching(/ carries a secret: .*; write a text without it$/)]);
  expect(told[0]).not.toMatch(/eyJ|ghp_|PRIVATE|AKIA|hunter2|0123/);
});

test("meta that only speaks of secrets is taken", () => {
  expect(faults('x: { port: 1, meta: { note: "Token issuance service", token_url: "https://a/token" } }')).toEqual([]);
});

test("tags and meta that only look like a secret are taken", () => {
  const tags = "tags: [sk-learn-large-model-v2-2026, git-3511fb9, 'postgres://db:5432/x']";
  expect(
    faults(`x: { port: 1, ${tags}, meta: { a: "postgres://ann:$PASSWORD@db/x", b: "https://a/?key=feature" } }`),
  ).toEqual([]);
});

test("a body of numbers, however long, still names its password", () => {
  for (const body of ["password=1234", "tokens=12ab", '{"token": 5}', '{"password":\t"x"}'])
    expect(faults(checked(`body: '${body.replace("\t", " ")}', method: POST`))).toHaveLength(1);
});

test("a url may have an IPv6 address, and it is looked at as every other", () => {
  for (const host of ["[2001:db8::1]", "[2001:db8::1]:8443"])
    expect(faults(checked(`url: "https://${host}/health"`))).toEqual([]);
  for (const host of ["[::1]", "[::ffff:127.0.0.1]:80", "[fe80::1]", "[::]", "[1]", "[2001:db8::1", "2001:db8::1"])
    expect(faults(checked(`url: "http://${host}/"`))).toHaveLength(1);
});

test("a url with the port 0 is refused", () => {
  for (const port of ["0", "00000"]) expect(faults(checked(`url: "http://a.example.com:${port}/"`))).toHaveLength(1);
  expect(faults(checked('url: "http://a.example.com:10/"'))).toEqual([]);
});

test("one header in two spellings is refused", () => {
  expect(faults(checked("header: { Host: a, host: b }"))).toEqual([
    "a.yaml:6:51: x.check.header.host is there already in another spelling; write each header once: upper and lower case are the same in one",
  ]);
});

test("a url whose host is none is refused", () => {
  for (const host of ["a..b", "-a", `${"a".repeat(64)}.example.com`])
    expect(faults(checked(`url: "http://${host}/"`))).toHaveLength(1);
  expect(faults(checked('url: "http://status.example.com./"'))).toEqual([]);
});

test("what is shown of a URL has no secret of those that the catalog refuses", () => {
  for (const url of [
    "https://h/?a=1&token=hunter2",
    "https://u:hunter2@h/",
    "https://h/;p?%74oken=hunter2",
    "https://h/?sig=hunter2",
  ])
    expect(withoutSecrets(url)).not.toContain("hunter2");
  expect(withoutSecrets("https://h/?verbose=1")).toBe("https://h/?verbose=1");
  expect(secretInUrl("https://h/?verbose=1")).toBeUndefined();
  expect(namesSecret("Monkey")).toBe(false);
});

test.each([
  ["a zero-width space", "\u200b"],
  ["a zero-width joiner", "\u200d"],
  ["a word joiner", "\u2060"],
  ["a byte order mark", "\ufeff"],
  ["a soft hyphen", "\u00ad"],
  ["right-to-left override", "\u202e"],
  ["a Hangul filler", "\u3164"],
  ["a variation selector", "\ufe0f"],
  ["a tag character", "\u{e0041}"],
  ["a C1 control character", "\u009b"],
  ["a bell", "\u0007"],
  ["a blank braille pattern", "\u2800"],
])("%s is refused in every text that a pull request can set", (_, sign) => {
  const text = JSON.stringify(`a${sign}b`);
  for (const line of [
    `x: { port: 1, tags: [${text}] }`,
    `x: { port: 1, meta: { a: ${text} } }`,
    `x: { port: 1, meta: { ${text}: a } }`,
    `x: { port: 1, address: ${text} }`,
    `x: { port: 1, region: ${text} }`,
    `x: { port: 1, instances: [{ id: ${text} }] }`,
    `x: { port: 1, failover: [${text}] }`,
    `${text}: { port: 1 }`,
    checked(`header: { a: ${text} }`),
    checked(`header: { ${text}: a }`),
    checked(`body: ${text}`),
    checked(`path: ${JSON.stringify(`/a${sign}b`)}`),
    checked(`url: ${JSON.stringify(`https://a${sign}b/`)}`),
    checked(`tls: true, tls_server_name: ${text}`),
    checked(`interval: ${JSON.stringify(`10${sign}s`)}`),
    checked(`kind: none, reason: ${text}`),
    checked(`kind: postgres, user: ${text}, interval: 9s, timeout: 9s`),
    checked(`kind: grpc, service: ${text}, interval: 9s, timeout: 9s`),
  ])
    expect([line, faults(line).length]).toEqual([line, 1]);
});

test("the invisible character of a tag is named", () => {
  expect(faults('x: { port: 1, tags: ["v1\u200b"] }')).toEqual([
    expect.stringMatching(
      /x\.tags\[0\] is ".*", which has the invisible character U\+200B in it; write a text of one line/,
    ),
  ]);
});

test("line breaks in meta and in a reason, and emoji, are taken", () => {
  expect(faults('x: { port: 1, tags: ["❤️", "日本", "é"], meta: { note: "two\\nlines\\tand ❤️" } }')).toEqual([]);
  expect(faults(checked('kind: none, reason: "first\\nsecond"'))).toEqual([]);
});

test("meta.region beside region is refused, in the service and in an instance; the team's may be overruled", () => {
  const remedy = "stands beside region; leave one of them out: region becomes this meta key";
  expect(faults("x: { port: 1, region: a, meta: { region: b } }")).toEqual([`a.yaml:6:44: x.meta.region ${remedy}`]);
  expect(faults("x: { port: 1, region: a, instances: [{ id: i, meta: { region: b } }] }")).toEqual([
    `a.yaml:6:65: x.instances[0].meta.region ${remedy}`,
  ]);
  expect(faults("x: { port: 1, meta: { region: b }, instances: [{ id: i, region: a }] }")).toEqual([
    `a.yaml:6:33: x.meta.region ${remedy}`,
  ]);
  expect(faults("x: { port: 1, meta: { region: b } }")).toEqual([]);
  expect(faultsOf({ "a.yaml": team("t", ["x: { port: 1, region: a }"], ["meta: { region: b }"]) })).toEqual([]);
});
