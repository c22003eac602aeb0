import { grantsFor } from "../../../../lib/consul/acl/acl-grants.js";
import type { LiveToken } from "../../../../ops/consul/api/acl.js";
import type { KeyPool } from "../../../../ops/consul/api/keyring.js";
import { inState, outputIn, promoted } from "../../../../ops/consul/in-state.js";
import { allHave, gossipKeyIn, isSettled, requireMembers } from "../../../../ops/consul/keyring.js";
import { authoritiesIn, promotedAuthority } from "../../../../ops/verbs/rotate/authorities.js";
import { oldManagement } from "../../../../ops/verbs/rotate/management.js";
import { HELD_ELSEWHERE, HELD_HERE, oldTokens } from "../../../../ops/verbs/rotate/tokens.js";

/** A state as Terraform writes it, as far as it matters here. */
function stateOf(
  ...resources: readonly (readonly [string, string, Readonly<Record<string, unknown>>, string?])[]
): string {
  return JSON.stringify({
    version: 4,
    serial: 7,
    lineage: "this-one",
    outputs: { "token-management": { value: "a-token", type: "string" }, numbers: { value: [1], type: "list" } },
    resources: resources.map(([type, name, attributes, mode = "managed"]) => ({
      mode,
      type,
      name,
      provider: "p",
      instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
    })),
  });
}

const FOUNDATION = stateOf(
  ["random_bytes", "gossip-key", { base64: "old" }],
  ["random_bytes", "gossip-key-next", { base64: "new" }],
  ["random_bytes", "management-token", { hex: "m" }],
  ["docker_image", "gossip-key", { base64: "an image of that name" }],
  ["random_bytes", "read", { base64: "x" }, "data"],
);

describe("the next secret becomes the current one in the state", () => {
  const after = promoted(FOUNDATION, "random_bytes", "gossip-key");

  test("by one state that follows the one before, with everything else as it was", () => {
    expect(gossipKeyIn(FOUNDATION)).toBe("old");
    expect(gossipKeyIn(after)).toBe("new");
    expect(JSON.parse(after)).toMatchObject({ version: 4, serial: 8, lineage: "this-one" });
    expect(inState(after, "random_bytes").map(({ name }) => name)).toEqual(["management-token", "gossip-key"]);
    expect(inState(after, "docker_image")).toEqual(inState(FOUNDATION, "docker_image"));
    expect(after).not.toContain('"old"');
  });

  test("and not twice: without a next one it is refused", () => {
    expect(() => promoted(after, "random_bytes", "gossip-key")).toThrow("random_bytes.gossip-key-next");
  });
});

describe("the two CAs in the state", () => {
  const KEYS = [
    "ca_Key_0000000A",
    "ca_Next_Key_0000000B",
    "ca_consul-ui_Key_0000000C",
    "ca_consul-server-1_Key_0000000D",
  ];
  /** @param signers of the gateway's and the server's certificate */
  const signed = (...signers: readonly string[]) =>
    stateOf(
      ...KEYS.map((name) => ["tls_private_key", name, { private_key_pem: `key ${name}` }] as const),
      ["tls_self_signed_cert", "ca_0000000E", { cert_pem: "current" }],
      ["tls_self_signed_cert", "ca_Next_0000000F", { cert_pem: "next" }],
      ["tls_locally_signed_cert", "ca_consul-ui_00000010", { ca_cert_pem: signers[0] }],
      ["tls_locally_signed_cert", "ca_consul-server-1_00000011", { ca_cert_pem: signers[1] }],
    );
  const [GATEWAY_KEY, SERVER_KEY] = [
    "tls_private_key.ca_consul-ui_Key_0000000C",
    "tls_private_key.ca_consul-server-1_Key_0000000D",
  ];

  test("at rest everybody has a certificate by the current one, and all keys are to be exchanged", () => {
    const keysToExchange = [GATEWAY_KEY, SERVER_KEY];
    expect(authoritiesIn(signed("current", "current"))).toEqual({ next: "next", isUnderWay: false, keysToExchange });
  });

  test("an exchange that was interrupted goes on with those who have none by the next one yet", () => {
    const keysToExchange = [SERVER_KEY];
    expect(authoritiesIn(signed("next", "current"))).toEqual({ next: "next", isUnderWay: true, keysToExchange });
  });

  test("the state of an older Rollcall has no next one", () => {
    const state = stateOf(["tls_self_signed_cert", "ca_0000000E", { cert_pem: "current" }]);
    expect(authoritiesIn(state)).toEqual({ next: undefined, isUnderWay: false, keysToExchange: [] });
    expect(() => promotedAuthority(state)).toThrow("no two");
  });

  test("the next one takes the current one's place with key and certificate, and what that was is gone", () => {
    const after = promotedAuthority(signed("next", "next"));
    const named = (type: string) =>
      inState(after, type).map(({ name, attributes }) => [name, Object.values(attributes)[0]]);
    expect(named("tls_self_signed_cert")).toEqual([["ca_0000000E", "next"]]);
    expect(named("tls_private_key")).toContainEqual(["ca_Key_0000000A", "key ca_Next_Key_0000000B"]);
    expect(after).not.toMatch(/key ca_Key_0000000A|"current"/);
    expect(authoritiesIn(after)).toMatchObject({ next: undefined, isUnderWay: false });
  });
});

test("a stack that was never applied has no secret and no output", () => {
  expect([gossipKeyIn(""), outputIn("", "x"), inState("", "random_bytes")]).toEqual([undefined, undefined, []]);
});

test("an output is given where it is a text", () => {
  expect(outputIn(FOUNDATION, "token-management")).toBe("a-token");
  expect([outputIn(FOUNDATION, "numbers"), outputIn(FOUNDATION, "none")]).toEqual([undefined, undefined]);
});

test("whoever is granted something is among those whose token is exchanged", () => {
  const granted = Object.keys(grantsFor({ services: [], dynamic: [] })).filter((name) => name !== "anonymous");
  expect([...HELD_HERE, ...HELD_ELSEWHERE].sort()).toEqual(granted.sort());
});

const token = (id: string, description: string, ...policies: readonly string[]): LiveToken => ({
  ...{ id, description, policies },
  created: "2026-11-25T00:00:00Z",
});

test("old tokens are those of ours that the state does not have", () => {
  const tokens = [
    token("1", "rollcall agent", "rollcall-agent"),
    token("2", "rollcall agent", "rollcall-agent"),
    token("3", "rollcall discovery", "rollcall-discovery"),
    token("4", "rollcall discovery", "rollcall-discovery", "more"),
    token("5", "rollcall discovery of a team", "rollcall-discovery"),
    token("6", "Anonymous Token", "rollcall-anonymous"),
    token("7", "rollcall operator", "rollcall-operator"),
  ];
  const old = oldTokens(tokens, new Set(["2", "7"]));
  expect(old.map(({ id, name }) => [id, name])).toEqual([
    ["1", "agent"],
    ["3", "discovery"],
  ]);
});

test("old management tokens are Consul's first one and ours, but neither the current one nor a person's", () => {
  const tokens = [
    token("first", "Initial Management Token", "global-management"),
    token("current", "rollcall management", "global-management"),
    token("person", "break glass", "global-management"),
    token("weak", "rollcall management", "rollcall-operator"),
  ];
  expect(oldManagement(tokens, "current").map(({ id }) => id)).toEqual(["first"]);
  expect(oldManagement(tokens, "first").map(({ id }) => id)).toEqual(["current"]);
});

describe("the keyring", () => {
  const pool = (isWan: boolean, keys: KeyPool["keys"], primary: KeyPool["primary"]): KeyPool => ({
    ...{ isWan, keys, primary },
    members: isWan ? 3 : 4,
  });

  test("is settled when every member has the key alone and encrypts with it", () => {
    expect(isSettled([pool(true, { a: 3 }, { a: 3 }), pool(false, { a: 4 }, { a: 4 })], "a")).toBe(true);
  });

  test.each([
    ["another key", pool(false, { b: 4 }, { b: 4 })],
    ["an old key beside it", pool(false, { a: 4, b: 4 }, { a: 4 })],
    ["a member without it", pool(false, { a: 3 }, { a: 3 })],
    ["a member that encrypts with another", pool(false, { a: 4 }, { a: 3, b: 1 })],
  ])("is not with %s", (_, lan) => {
    expect(isSettled([pool(true, { a: 3 }, { a: 3 }), lan], "a")).toBe(false);
  });

  test("is not used before every member has the key", () => {
    expect(allHave([pool(false, { a: 4, b: 4 }, { b: 4 })], "a")).toBe(true);
    expect(allHave([pool(false, { a: 3, b: 4 }, { b: 4 })], "a")).toBe(false);
  });

  test("is not changed while a member is away, which could not come back", () => {
    const pools = [pool(true, {}, {}), pool(false, {}, {})];
    expect(() => requireMembers(pools, 3)).not.toThrow();
    expect(() => requireMembers([{ isWan: false, members: 3, keys: {}, primary: {} }], 3)).toThrow("3 of 4 members");
    expect(() => requireMembers([{ isWan: true, members: 2, keys: {}, primary: {} }], 3)).toThrow(
      "2 of 3 members of the servers' own pool",
    );
  });
});
