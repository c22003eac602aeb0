import { ConsulApi } from "../../../../ops/consul/api/consul-api.js";
import { FakeTransport, fakeConsul } from "../../../support/fake-consul.js";

const token = { AccessorID: "t", Description: "rollcall agent", CreateTime: "2026-11-25T00:00:00Z" };

describe("a response that is not wanted", () => {
  test.each([
    [403, "Permission denied", "Consul refuses: /v1/acl/tokens answered 403 Permission denied"],
    [404, "no such thing", "Consul refuses: /v1/acl/tokens answered 404 no such thing"],
    [500, "2/4 nodes reported success", "Consul refuses: /v1/acl/tokens answered 500 2/4 nodes reported success"],
    [500, "No cluster leader", "Consul does not answer: /v1/acl/tokens answered 500 No cluster leader"],
    [502, "<html>a page</html>", "Consul does not answer: /v1/acl/tokens answered 502"],
  ])(
    "%i %s is an error with what Consul said, and nobody behind the way is a Consul that does not answer",
    async (status, text, message) => {
      const { consul } = fakeConsul({ "GET /v1/acl/tokens": { status, text } });
      await expect(consul.acl.tokens()).rejects.toMatchObject({ name: "UserError", message });
    },
  );

  test("is an error where it is no JSON, and where it is another than Consul gives", async () => {
    const page = { status: 200, text: "<html>" };
    const { consul } = fakeConsul({ "GET /v1/acl/tokens": page, "GET /v1/acl/policies": [{ Name: "no id" }] });
    await expect(consul.acl.tokens()).rejects.toThrow("/v1/acl/tokens answered something else than Consul does");
    await expect(consul.acl.policies()).rejects.toThrow("/v1/acl/policies answered something else than Consul does");
  });
});

describe("acl", () => {
  test("a secret that Consul does not know is no token; one that it refuses for another cause is an error", async () => {
    const path = "GET /v1/acl/token/self";
    const known = fakeConsul({ [path]: { ...token, Policies: [{ Name: "rollcall-agent" }] } });
    expect(await known.consul.acl.tokenOf("secret")).toMatchObject({ id: "t", policies: ["rollcall-agent"] });
    expect(known.transport.requests).toMatchObject([{ token: "secret" }]);
    const unknown = fakeConsul({ [path]: { status: 403, text: "rpc error: ACL not found" } });
    expect(await unknown.consul.acl.tokenOf("secret")).toBeUndefined();
    const refused = fakeConsul({ [path]: { status: 403, text: "Permission denied" } });
    await expect(refused.consul.acl.tokenOf("secret")).rejects.toThrow("answered 403 Permission denied");
    await expect(unknown.consul.acl.ownToken()).rejects.toThrow("ACL not found");
  });

  test("a management token is made with its secret in the body, and asked for with the client's own token", async () => {
    const { consul, transport } = fakeConsul({});
    await consul.acl.addManagementToken("next", "rollcall management");
    expect(transport.calls).toEqual(["PUT /v1/acl/token"]);
    expect(transport.requests).toMatchObject([{ token: "own" }]);
    expect(JSON.parse(Buffer.from(transport.requests[0]?.body ?? []).toString())).toEqual({
      ...{ SecretID: "next", Description: "rollcall management", Policies: [{ Name: "global-management" }] },
    });
  });
});

describe("agent", () => {
  const raft = {
    ...{ last_log_index: "57", state: "Leader", term: "2" },
    latest_configuration:
      "[{Suffrage:Voter ID:9c77 Address:172.28.10.11:8300} {Suffrage:Nonvoter ID:30dc Address:172.28.10.12:8300}]",
  };

  test("self tells raft's state, the leader and who votes, and the agent's meta", async () => {
    const Stats = { build: { version: "1.22.5" }, consul: { leader_addr: "172.28.10.11:8300" }, raft };
    const { consul } = fakeConsul({ "GET /v1/agent/self": { Meta: { a: "b" }, Stats: { ...Stats, serf_lan: {} } } });
    expect(await consul.agent.self()).toEqual({
      ...{ version: "1.22.5", state: "Leader", term: 2, lastIndex: 57, leader: "172.28.10.11" },
      ...{ voters: ["172.28.10.11"], meta: { a: "b" } },
    });
  });

  test("a server without a leader says so, and an agent that is none says nothing of raft", async () => {
    const { consul } = fakeConsul({ "GET /v1/agent/self": { Meta: null, Stats: { consul: { leader_addr: "" } } } });
    expect(await consul.agent.self()).toMatchObject({ leader: "", voters: [], state: "", meta: {} });
  });

  test("members are told with gossip's words", async () => {
    const member = (Name: string, Status: number) => ({ Name, Status, Tags: { id: `${Name}-id` } });
    const { consul } = fakeConsul({ "GET /v1/agent/members": [member("a", 1), member("b", 4), member("c", 3)] });
    const members = await consul.agent.members();
    expect(members.map(({ state }) => state)).toEqual(["alive", "failed", "left"]);
    expect(members[0]).toMatchObject({ name: "a", id: "a-id" });
  });
});

describe("catalog and health", () => {
  const answers = {
    "/v1/catalog/nodes": [
      { ID: "1", Node: "a b" },
      { ID: "2", Node: "gone" },
    ],
    "/v1/catalog/node-services/a%20b": { Services: [{ ID: "x", Service: "x", Tags: null, Meta: null }] },
    "/v1/catalog/node-services/gone": null,
    "/v1/health/state/any": [],
  };
  const of = (suffix: string) =>
    Object.fromEntries(Object.entries(answers).map(([path, answer]) => [`GET ${path}${suffix}`, answer]));

  test("instances are those of every node; one that has gone meanwhile has none", async () => {
    const { consul } = fakeConsul(of(""));
    expect(await consul.catalog.instances()).toEqual([
      { node: "a b", id: "x", name: "x", address: "", port: 0, tags: [], meta: {} },
    ]);
  });

  test("a client that may be stale asks each server for what it has itself, and of nothing else", async () => {
    const transport = new FakeTransport((call) => ({ ...of("?stale"), "GET /v1/status/leader": "" })[call]);
    const consul = new ConsulApi(transport, { mayBeStale: true });
    expect(await consul.catalog.instances()).toHaveLength(1);
    expect(await consul.health.checks()).toEqual([]);
    await consul.status.leader();
    expect(transport.calls.filter((call) => !call.endsWith("?stale"))).toEqual(["GET /v1/status/leader"]);
  });

  test("a check's output is what it said; of maintenance mode it is that, its reason and what ends it", async () => {
    const check = { Node: "consul-agent-shared", ServiceID: "x", Status: "critical", Type: "http", Output: "refused" };
    const { consul } = fakeConsul({
      "GET /v1/health/state/any": [
        { ...check, CheckID: "x:http", Notes: "" },
        { ...check, CheckID: "_node_maintenance", ServiceID: "", Notes: "new disk", Output: "" },
        { ...check, CheckID: "_service_maintenance:x", Notes: "new disk", Output: "" },
      ],
    });
    expect((await consul.health.checks()).map(({ output }) => output)).toEqual([
      "refused",
      "consul-agent-shared is in maintenance mode (new disk); `consul maint -disable` there, with a token, ends it",
      "consul-agent-shared is in maintenance mode (new disk); `consul maint -disable -service=x` there, with a token, ends it",
    ]);
  });
});

describe("operator", () => {
  test("autopilot's judgement is told also where it is 429, its word for unhealthy", async () => {
    const text = JSON.stringify({ Healthy: false, FailureTolerance: 0, Servers: null });
    const { consul } = fakeConsul({ "GET /v1/operator/autopilot/health": { status: 429, text } });
    expect(await consul.operator.health()).toEqual({ isHealthy: false, failureTolerance: 0, servers: [] });
  });

  test("min_quorum is written where it differs, and not over what somebody else wrote meanwhile", async () => {
    const path = "/v1/operator/autopilot/configuration";
    const held = { MinQuorum: 3, ModifyIndex: 7, CleanupDeadServers: true };
    const same = fakeConsul({ [`GET ${path}`]: held });
    expect(await same.consul.operator.setMinQuorum(3)).toBe(3);
    expect(same.transport.calls).toEqual([`GET ${path}`]);
    const { consul, transport } = fakeConsul({ [`GET ${path}`]: held });
    expect(await consul.operator.setMinQuorum(5)).toBe(3);
    expect(transport.calls[1]).toBe(`PUT ${path}?cas=7`);
    expect(JSON.parse(Buffer.from(transport.requests[1]?.body ?? []).toString())).toEqual({ ...held, MinQuorum: 5 });
    const late = fakeConsul({ [`GET ${path}`]: held, [`PUT ${path}?cas=7`]: false });
    await expect(late.consul.operator.setMinQuorum(5)).rejects.toThrow("at the same moment");
  });

  test("peers are told without their port", async () => {
    const peer = { ID: "9c77", Node: "consul-server-1", Address: "172.28.10.11:8300", Voter: true, Leader: false };
    const { consul } = fakeConsul({ "GET /v1/operator/raft/configuration": { Servers: [peer] } });
    expect(await consul.operator.peers()).toEqual([
      { id: "9c77", name: "consul-server-1", address: "172.28.10.11", isVoter: true, isLeader: false },
    ]);
  });
});

test("where there is no key Consul says 404, which is an empty list; a refusal is none", async () => {
  const path = "GET /v1/kv/catalog/?keys";
  expect(await fakeConsul({ [path]: ["catalog/a"] }).consul.kv.keys("catalog/")).toEqual(["catalog/a"]);
  expect(await fakeConsul({ [path]: { status: 404, text: "" } }).consul.kv.keys("catalog/")).toEqual([]);
  const refused = fakeConsul({ [path]: { status: 403, text: "Permission denied" } });
  await expect(refused.consul.kv.keys("catalog/")).rejects.toThrow("answered 403");
});

test("a member learns, uses and forgets a key by the three methods, with the key in the body", async () => {
  const { consul, transport } = fakeConsul({});
  await consul.keyring.install("k");
  await consul.keyring.use("k");
  await consul.keyring.remove("k");
  expect(transport.calls).toEqual(["POST", "PUT", "DELETE"].map((method) => `${method} /v1/operator/keyring`));
  expect(transport.requests.map(({ body }) => Buffer.from(body ?? []).toString())).toEqual(
    Array(3).fill('{"Key":"k"}'),
  );
});

test("nobody who leads is an error where a leader is asked for", async () => {
  const { consul } = fakeConsul({ "GET /v1/status/leader": "" });
  expect(await consul.status.leader()).toBe("");
  await expect(consul.status.requireLeader()).rejects.toThrow("it has no leader");
});

describe("a snapshot", () => {
  const broken = { status: 500, text: "read tcp 10.0.0.1: connection reset by peer" };

  test("that a follower breaks off is asked for again, as bytes as they are", async () => {
    const left = [broken, broken];
    const transport = new FakeTransport(() => left.pop() ?? { status: 200, text: "snapshot" });
    expect((await new ConsulApi(transport).snapshot.take()).toString()).toBe("snapshot");
    expect(transport.calls).toHaveLength(3);
  });

  test("that is broken off again and again is an error, and so is any other answer at once", async () => {
    const always = new FakeTransport(() => broken);
    await expect(new ConsulApi(always).snapshot.take()).rejects.toThrow("connection reset by peer");
    expect(always.calls).toHaveLength(20);
    const { consul, transport } = fakeConsul({ "GET /v1/snapshot": { status: 500, text: "No cluster leader" } });
    await expect(consul.snapshot.take()).rejects.toThrow("No cluster leader");
    expect(transport.calls).toHaveLength(1);
  });
});
