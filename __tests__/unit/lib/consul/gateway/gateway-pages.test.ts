import { renderPages } from "../../../../../lib/consul/gateway/gateway-pages.js";
import program from "../../../../../lib/consul/gateway/pages/operator.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const TOKEN = "6f1f7e58-6dd4-4c3b-9d1a-0a6cbb7a6f01";
const ACCESSOR = "0f0f7e58-6dd4-4c3b-9d1a-0a6cbb7a6f02";
const basic = (pair: string) => ({ headersIn: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` } });

test("the password of the user operator is the token that is asked about", () => {
  expect(program.token(basic(`operator:${TOKEN}`))).toBe(TOKEN);
});

test.each([
  ["no header", { headersIn: {} }],
  ["another user", basic(`admin:${TOKEN}`)],
  ["no password", basic("operator:")],
  ["a password that no token is", basic("operator:a b")],
  ["one that is too long", basic(`operator:${"a".repeat(257)}`)],
  ["another scheme", { headersIn: { Authorization: `Bearer ${TOKEN}` } }],
  ["no base64", { headersIn: { Authorization: "Basic *" } }],
])("nobody is asked about with %s", (_, request) => {
  expect([program.token(request), program.key(request)]).toEqual(["", ""]);
});

test("an answer is kept by a hash, another one for each token, and not by the one of the audit log", () => {
  const key = program.key(basic(`operator:${TOKEN}`));
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(key).not.toBe(program.key(basic(`operator:${ACCESSOR}`)));
  expect(key).not.toContain(TOKEN);
});

/** What is answered where Consul says so. */
function answered(status: number, text: string) {
  const headersOut: Record<string, string> = {};
  let code = 0;
  program.may({
    headersOut,
    subrequest: (_: string, then: (told: { status: number; responseText: string }) => void) =>
      then({ status, responseText: text }),
    return: (given: number) => {
      code = given;
    },
  });
  return { code, accessor: headersOut["X-Accessor"] };
}

const told = (...policies: readonly string[]) =>
  JSON.stringify({ AccessorID: ACCESSOR, Policies: policies.map((Name) => ({ Name })) });

test("the operator is let in, and the audit log gets the accessor id", () => {
  expect(answered(200, told("rollcall-operator"))).toEqual({ code: 204, accessor: ACCESSOR });
});

test.each([
  ["another token", 200, told("rollcall-metrics")],
  ["the management token", 200, told("global-management")],
  ["a token without a policy", 200, JSON.stringify({ AccessorID: ACCESSOR, Policies: null })],
  ["one that Consul does not know", 403, "ACL not found"],
  ["an answer that cannot be read", 200, "<html>"],
])("%s is not", (_, status, text) => {
  expect(answered(status, text)).toEqual({ code: 401, accessor: undefined });
});

test("where Consul does not answer, it is not known", () => {
  expect(answered(502, "").code).toBe(503);
});

test("with monitoring on, each page is asked for by HTTPS, by the operator, where its program is", () => {
  const pages = renderPages("t1-", true);
  for (const [path, at] of [
    ["/prometheus/", "t1-consul-prometheus:9090"],
    ["/alertmanager/", "t1-consul-alertmanager:9093"],
  ]) {
    const page = blockOf(pages, `location ^~ ${path} {`);
    expect(valuesOf(page, "auth_request")).toEqual(["/-/operator"]);
    expect(valuesOf(page, "set")).toContain(`$page ${at}`);
    // What lets somebody in here opens nothing there.
    expect(valuesOf(page, "proxy_set_header")).toContain('Authorization ""');
    expect(blockOf(page, "if ($scheme = http) {")).toContain("return 404");
  }
});

test("with monitoring off, both say so, and nobody is asked for a password", () => {
  const pages = renderPages("", false);
  expect(pages.match(/return 404 "Monitoring is off/g)).toHaveLength(2);
  expect(pages).not.toContain("auth_request");
});
