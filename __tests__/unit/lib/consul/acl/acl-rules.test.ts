import { renderAclRules } from "../../../../../lib/consul/acl/acl-rules.js";

test("a resource with a label is one line with its policy", () => {
  expect(renderAclRules({ node: { "consul-agent-shared": "write" } })).toBe(
    'node "consul-agent-shared" { policy = "write" }',
  );
});

test("a resource without a label is one assignment", () => {
  expect(renderAclRules({ operator: "write", keyring: "read" })).toBe('keyring = "read"\noperator = "write"');
});

test("an empty label means all, and is still quoted", () => {
  expect(renderAclRules({ service_prefix: { "": "read" } })).toBe('service_prefix "" { policy = "read" }');
});

test("resources and labels are sorted, so that only a real change is shown", () => {
  const rules = renderAclRules({
    service: { wallet_service: "write", account_service: "write" },
    operator: "read",
    agent_prefix: { "": "read" },
  });
  expect(rules.split("\n")).toEqual([
    'agent_prefix "" { policy = "read" }',
    'operator = "read"',
    'service "account_service" { policy = "write" }',
    'service "wallet_service" { policy = "write" }',
  ]);
});

test("the order in which rules are written down does not matter", () => {
  expect(renderAclRules({ node_prefix: { "": "read" }, key_prefix: { b: "read", a: "list" } })).toBe(
    renderAclRules({ key_prefix: { a: "list", b: "read" }, node_prefix: { "": "read" } }),
  );
});

test("a label cannot break out of its quotes", () => {
  expect(renderAclRules({ service: { 'x" { policy = "write" } operator = "write': "read" } })).toBe(
    'service "x\\" { policy = \\"write\\" } operator = \\"write" { policy = "read" }',
  );
});

test("no rules are an empty text", () => {
  expect(renderAclRules({})).toBe("");
});
