import { createHash } from "node:crypto";
import program from "../../../../../lib/consul/nginx/audit/audit.js";
import {
  AUDIT_MAIN,
  AUDIT_SERVER,
  AUDIT_WRITES,
  auditFiles,
  renderAudit,
} from "../../../../../lib/consul/nginx/audit.js";

const rendered = renderAudit({ door: "gateway", consul: "https://consul_servers" });

/** A request as njs shows it, as far as the program asks. */
function request(uri: string, ...headers: readonly (readonly [string, string])[]) {
  return { variables: { request_uri: uri }, rawHeadersIn: headers };
}

/** What the program answers where Consul answers so. */
function answered(status: number, text: string, token = "one") {
  const said = { status: 0, accessor: undefined as string | undefined, asked: [] as string[] };
  const headersOut: Record<string, string> = {};
  program.who({
    ...request("/", ["X-Consul-Token", token]),
    headersOut,
    subrequest: (path: string, then: (answer: { status: number; responseText: string }) => void) => {
      said.asked.push(path);
      then({ status, responseText: text });
    },
    return: (code: number) => Object.assign(said, { status: code, accessor: headersOut["X-Accessor"] }),
  });
  return said;
}

test("a request's token is the one that Consul takes: of the query, else of its own header, else a bearer's", () => {
  const tokenOf = program.token;
  expect(tokenOf(request("/v1/kv/a?x=1&token=one", ["X-Consul-Token", "two"]))).toBe("one");
  expect(tokenOf(request("/v1/kv/a?%74oken=%6Fne"))).toBe("one");
  expect(tokenOf(request("/v1/kv/a?token=one&token=two"))).toBe("one");
  expect(tokenOf(request("/v1/kv/a?token=&token=two", ["x-consul-token", "three"], ["X-Consul-Token", "four"]))).toBe(
    "three",
  );
  expect(tokenOf(request("/v1/kv/a", ["Authorization", "bEARER  one two"], ["Host", "x"]))).toBe("one");
  expect(tokenOf(request("/v1/kv/a", ["X-Consul-Token", ""], ["Authorization", "Bearer one"]))).toBe("one");
});

test("what Consul passes over is no token: what it cannot decode, another scheme, another name", () => {
  for (const query of ["token=%zz", "token=a;b", "Token=one", "tokens=one", "token"])
    expect(program.key(request(`/v1/kv/a?${query}`))).toBe("");
  for (const header of ["Basic b25l", "one", "Bearer", "Bearer\tone"])
    expect(program.key(request("/", ["Authorization", header]))).toBe("");
  expect(program.token(request("/v1/kv/a?token=%zz&token=one"))).toBe("one");
});

test("an answer is kept under a hash of the token, and what cannot be a token is never asked for", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  expect(program.key(request("/", ["X-Consul-Token", "one"]))).toBe(sha256("one"));
  for (const odd of ["a b", "\u00e9", "x".repeat(257)]) {
    expect(program.token(request("/", ["X-Consul-Token", odd]))).toBe("");
    expect(program.key(request("/", ["X-Consul-Token", odd]))).not.toBe("");
  }
  expect(answered(200, "{}", "")).toEqual({ status: 200, accessor: "unknown-token", asked: [] });
});

test("of what Consul tells of a token the accessor id alone is handed on", () => {
  const accessor = "03f05d6f-e682-e41d-30c9-60c34221f11b";
  const text = JSON.stringify({ AccessorID: accessor, SecretID: "secret" });
  expect(answered(200, text)).toEqual({ status: 204, accessor, asked: ["/ask"] });
});

test("a token that Consul does not know is nobody's, and where Consul cannot say, nothing is said", () => {
  for (const status of [403, 404])
    expect(answered(status, "")).toMatchObject({ status: 200, accessor: "unknown-token" });
  for (const [status, text] of [
    [500, ""],
    [504, ""],
    [200, "no JSON"],
    [200, "null"],
    [200, '{"AccessorID":"\\" injected"}'],
  ] as const)
    expect(answered(status, text)).toMatchObject({ status: 503, accessor: undefined });
});

test("an answer is kept where it names an accessor, for a minute, and longer only where Consul does not answer", () => {
  expect(AUDIT_SERVER.match(/proxy_cache\S* .*;/g)).toEqual([
    "proxy_cache audit;",
    "proxy_cache_key $audit_key;",
    "proxy_cache_valid 204 60s;",
    "proxy_cache_use_stale error timeout http_503;",
  ]);
  expect(rendered).toContain("proxy_cache_path /accessors keys_zone=audit:128k max_size=4m inactive=10m");
});

test("a line of the log has a bound and no query string: the path is cut, the method a word", () => {
  const format = /log_format audit escape=json ([^;]+);/.exec(rendered)?.[1] ?? "";
  expect([...format.matchAll(/\$\w+/g)].map(String)).toEqual([
    ...["$time_iso8601", "$proxy_protocol_addr", "$audit_method", "$audit_path", "$audit_status", "$audit_who"],
  ]);
  expect(rendered).toContain('"~^(?<audit_start>[\\s\\S]{512})." "$audit_start...";');
  expect(rendered).toContain('"~^(?<audit_word>[A-Z]{1,16}):" $audit_word;');
  expect(rendered).not.toMatch(/\$(args|query_string|request|request_uri|http_\w+)\b/);
});

test("what is escaped takes no more of a line than what is not: six characters for one", () => {
  const [, pattern = ""] = /"~(.*\{0,85\}\))" "\$audit_start\.\.\.";/.exec(rendered) ?? [];
  const cut = (path: string) => new RegExp(pattern).exec(path)?.groups?.audit_start;
  expect(cut(`/v1/kv/${'"'.repeat(505)}`)).toHaveLength(85);
  expect(cut(`/v1/kv/${"a".repeat(200)}\\`)).toHaveLength(85);
  expect(cut(`/v1/kv/\u0001${"a".repeat(500)}`)).toHaveLength(85);
  expect(cut(`/v1/kv/${"a".repeat(505)}`)).toBeUndefined();
});

test("a write is never refused for the log's sake: what goes wrong when it is asked who writes is no answer", () => {
  expect(AUDIT_WRITES).toContain("auth_request /-/audit;");
  expect(AUDIT_SERVER).toContain("error_page 400 500 502 503 504 = @audit_failed;");
  expect(AUDIT_SERVER).toMatch(/location @audit_failed \{\s+set \$audit_failed yes;\s+return 204;/);
});

test("a write of any length is asked about: the question has its length, and would be refused for it", () => {
  const [, question = ""] = /location = \/-\/audit \{([\s\S]*?)proxy_pass/.exec(AUDIT_SERVER) ?? [];
  expect(question).toContain("client_max_body_size 0;");
});

test("a door carries the program and the script, loads njs, and leaves no core file", () => {
  expect(Object.keys(auditFiles())).toEqual(["audit.js", "rotate-audit.sh"]);
  expect(AUDIT_MAIN).toBe("load_module /usr/lib/nginx/modules/ngx_http_js_module.so;\nworker_rlimit_core 0;");
});

test.each([
  // Done by somebody.
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/a", "writes"],
  ["200 not-known PUT:/v1/kv/a", "writes"],
  ["200 unknown-token PUT:/v1/kv/a", "writes"],
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b GET:/v1/snapshot", "writes"],
  // May have been done by somebody.
  ["504 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/a", "unanswered"],
  ["500 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/a", "unanswered"],
  ["499 03f05d6f-e682-e41d-30c9-60c34221f11b DELETE:/v1/kv/a", "unanswered"],
  // Changes nothing, or nobody's.
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/agent/check/pass/service:a", "others"],
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/session/renew/x", "others"],
  ["500 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/agent/check/update/a", "others"],
  ["200 unknown-token POST:/v1/internal/acl/authorize", "others"],
  ["307 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/a", "others"],
  ["307 unknown-token PUT:/v1/kv/a", "others"],
  ["200 anonymous PUT:/v1/txn", "others"],
  ["200 unknown-token POST:/ui/", "others"],
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/agent/check/register", "writes"],
  ["200 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/v1/session/renew/x", "writes"],
  // Refused.
  ["403 03f05d6f-e682-e41d-30c9-60c34221f11b PUT:/v1/kv/a", "refused"],
  ["403 unknown-token PUT:/v1/kv/a", "refused"],
  ["502 anonymous PUT:/v1/kv/a", "refused"],
  ["502 not-known PUT:/v1/kv/a", "refused"],
  ["499 not-known PUT:/v1/kv/a", "refused"],
  ["499 anonymous PUT:/v1/kv/a", "refused"],
  ["499 not-asked PUT:/v1/kv/a", "refused"],
  ["501 not-asked PUT:/v1/kv/a", "refused"],
  ["413 not-asked PUT:/v1/kv/a:/v1/x", "refused"],
  // Reads are not logged.
  ["200 anonymous :/v1/kv/a", ""],
])("%s is logged in %p", (line, log) => {
  const map = /map "\$status \$audit_who \$audit_method:\$uri" \$audit_log \{([^}]+(?:\{\d+\}[^}]+)*)\n {2}\}/.exec(
    rendered,
  );
  const rules = [...(map?.[1] ?? "").matchAll(/^ +"~(.+)" (\S+);$/gm)];
  expect(rules).toHaveLength(6);
  const found = rules.find(([, pattern = ""]) => new RegExp(pattern).test(line))?.[2];
  expect(found ?? "refused").toBe(log === "" ? '""' : log);
});
