import { AGENT_CONNECTIONS } from "../../../../../lib/consul/agents/agent-config.js";
import { AGENT_LIMITS, renderAgentDoor } from "../../../../../lib/consul/agents/agent-door-config.js";

const config = renderAgentDoor();

/** The locations by what they are for, with what they say. */
const locations = new Map(
  // The audit log has a server of its own, behind this one.
  [...config.slice(0, config.indexOf("js_import")).matchAll(/^ {4}location (.+) \{\n([\s\S]*?)^ {4}\}$/gm)].map(
    ([, place = "", text = ""]) => [place, text],
  ),
);
const passing = [...locations].filter(([, text]) => text.includes("proxy_pass http://consul;"));

test("whatever reaches Consul is bounded: its body, and how much of one address is under way", () => {
  expect(passing.map(([place]) => place)).toEqual([
    "/",
    "~ ^/v1/(kv/|acl/|txn$)",
    "~ ^/v1/config(/|$)",
    "= /v1/snapshot",
    "@blocking",
    "@write",
    "@large_write",
  ]);
  for (const [place, text] of passing) {
    expect([place, text]).toEqual([place, expect.stringMatching(/client_max_body_size (8k|64k|1m|1g);/)]);
    expect([place, text]).toEqual([
      place,
      expect.stringContaining(`limit_conn requests_per_address ${AGENT_LIMITS.requests.perAddress};`),
    ]);
  }
});

test("bodies of a megabyte stand in memory, and so are few; none is written to a disk", () => {
  for (const [place, text] of passing) {
    const size = /client_max_body_size (\w+);/.exec(text)?.[1];
    if (size === "1g") expect([place, text]).toEqual([place, expect.stringContaining("proxy_request_buffering off;")]);
    else expect([place, text]).toEqual([place, expect.stringContaining(`client_body_buffer_size ${size};`)]);
    expect([place, text.includes("limit_conn large_bodies_per_address 8;")]).toEqual([place, size === "1m"]);
  }
});

test("who writes is asked for the audit log, who reads is not", () => {
  const audited = passing.filter(([, text]) => text.includes("auth_request")).map(([place]) => place);
  expect(audited).toEqual(["= /v1/snapshot", "@write", "@large_write"]);
});

test("Consul takes as many connections as there may be requests", () => {
  expect(config).toContain(`limit_conn requests_all ${AGENT_CONNECTIONS};`);
});

test("no fault of a request is logged, as it would carry the request's line, and of reads nothing is", () => {
  expect(config).toContain("  error_log /dev/stderr emerg;");
  expect(config).not.toContain("access_log /dev/stdout");
});
