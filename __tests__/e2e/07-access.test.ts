import { untilAllPass } from "./support/cluster";
import { type Answer, type Call, throughGateway, toAgent } from "./support/http";
import { command, docker, nameOf, platform, until } from "./support/platform";
import { pythonOutput } from "./support/python";
import { caCertificate, instanceName, outputInState } from "./support/state";

/** Everybody who has a token on the platform, and whoever has none. */
type Who =
  | "anonymous"
  | "discovery"
  | "dynamic"
  | "heartbeat"
  | "metrics"
  | "operator"
  | "registration"
  | "registrar"
  | "agent"
  | "management";

interface Deed {
  /** What is done, e.g. "reads the agent's metrics". */
  readonly does: string;
  readonly at: "gateway" | "agent";
  readonly call: Omit<Call, "token">;
  /** Who may; everybody else is refused. */
  readonly may: readonly Who[];
  /** How the others are refused: told so, or shown an empty list, which is Consul's way with lists. @default 403 */
  readonly refusal?: 403 | "nothing is shown";
}

const EVERYBODY: readonly Who[] = [
  "anonymous",
  "discovery",
  "dynamic",
  "heartbeat",
  "metrics",
  "operator",
  "registration",
  "registrar",
  "agent",
  "management",
];
/** Who may read nodes and services. */
const NODE_READERS: readonly Who[] = [
  "anonymous",
  "discovery",
  "dynamic",
  "heartbeat",
  "operator",
  "registrar",
  "agent",
  "management",
];
const OWN_NODE = "consul-agent-shared";
/** A check on a node of the catalog; `SkipNodeUpdate` leaves the node itself as it is. */
const nodeCheck = (node: string) => ({
  Node: node,
  SkipNodeUpdate: true,
  Check: { Node: node, CheckID: "access-test", Name: "made by a test", Status: "passing" },
});

const DEEDS: readonly Deed[] = [
  {
    does: "finds a service's healthy instances",
    at: "agent",
    call: { method: "GET", path: "/v1/health/service/billing_service?passing=true" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists the services through the gateway",
    at: "gateway",
    call: { method: "GET", path: "/v1/catalog/services" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists the nodes",
    at: "gateway",
    call: { method: "GET", path: "/v1/catalog/nodes" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "lists prepared queries",
    at: "gateway",
    call: { method: "GET", path: "/v1/query" },
    may: ["discovery", "management"],
    refusal: "nothing is shown",
  },
  {
    does: "reads a declared service in KV",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/catalog/user-platform/billing_service" },
    may: ["operator", "registrar", "management"],
  },
  {
    does: "reads KV outside the catalog",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/access-test" },
    may: ["management"],
  },
  {
    // An index that cannot be right: who may write is told "false", and nothing is written.
    does: "writes a declared service in KV",
    at: "gateway",
    call: { method: "PUT", path: "/v1/kv/catalog/user-platform/billing_service?cas=1", body: {} },
    may: ["management"],
  },
  {
    does: "reads the agent's metrics",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/metrics?format=prometheus" },
    may: ["metrics", "operator", "management"],
  },
  {
    does: "reads a server's metrics through the gateway",
    at: "gateway",
    call: { method: "GET", path: "/v1/agent/metrics?format=prometheus" },
    may: ["metrics", "operator", "management"],
  },
  {
    does: "reads the agent's configuration",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/self" },
    may: ["metrics", "operator", "management"],
  },
  {
    // A name that no agent has: whoever may is told that there is no such node, and nobody leaves.
    does: "makes a server leave the cluster",
    at: "gateway",
    call: { method: "PUT", path: "/v1/agent/force-leave/access-test" },
    may: ["operator", "management"],
  },
  {
    does: "reads the raft peers",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/raft/configuration" },
    may: ["operator", "management"],
  },
  {
    does: "lists the gossip keys",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/keyring" },
    may: ["management"],
  },
  {
    does: "lists ACL tokens",
    at: "gateway",
    call: { method: "GET", path: "/v1/acl/tokens" },
    may: ["management"],
  },
  {
    does: "makes an ACL policy",
    at: "gateway",
    call: { method: "PUT", path: "/v1/acl/policy", body: { Name: "access-test", Rules: "" } },
    may: ["management"],
  },
  {
    does: "registers a declared name on the agent",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "billing_service" } },
    may: ["registration", "registrar", "management"],
  },
  {
    // The registrar too, because it must deregister what is no longer declared (docs/security.md, "What is not protected").
    does: "registers a foreign name on the agent",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "foreign_service" } },
    may: ["registrar", "management"],
  },
  {
    does: "registers a name that begins like a declared one",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/service/register", body: { ID: "access-test", Name: "billing_service2" } },
    may: ["registrar", "management"],
  },
  {
    does: "puts a check on the shared agent's node",
    at: "gateway",
    call: { method: "PUT", path: "/v1/catalog/register", body: nodeCheck(OWN_NODE) },
    may: ["agent", "management"],
  },
  {
    does: "puts a check on a server's node",
    at: "gateway",
    call: { method: "PUT", path: "/v1/catalog/register", body: nodeCheck("consul-server-1") },
    may: ["management"],
  },
  {
    does: "takes a snapshot of everything",
    at: "gateway",
    call: { method: "GET", path: "/v1/snapshot" },
    may: ["management"],
  },
  {
    does: "lists the members",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/members" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    // Who may write a service may read it.
    does: "lists what is registered at the agent",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/services" },
    may: [...NODE_READERS, "registration"],
    refusal: "nothing is shown",
  },
  {
    does: "lists the coordinates of the nodes",
    at: "gateway",
    call: { method: "GET", path: "/v1/coordinate/nodes" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "reads what the UI shows of the services",
    at: "gateway",
    call: { method: "GET", path: "/v1/internal/ui/services" },
    may: NODE_READERS,
    refusal: "nothing is shown",
  },
  {
    does: "reads about the agent's host",
    at: "agent",
    call: { method: "GET", path: "/v1/agent/host" },
    may: ["operator", "management"],
  },
  {
    // It is not under maintenance: whoever may changes nothing.
    does: "takes the agent out of maintenance",
    at: "agent",
    call: { method: "PUT", path: "/v1/agent/maintenance?enable=false" },
    may: ["agent", "management"],
  },
  {
    does: "lists the keys in KV",
    at: "gateway",
    call: { method: "GET", path: "/v1/kv/?keys" },
    may: ["operator", "registrar", "management"],
    refusal: "nothing is shown",
  },
  {
    does: "deletes a declared service in KV",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/kv/catalog/user-platform/billing_service?cas=1" },
    may: ["management"],
  },
  {
    does: "writes KV in a transaction",
    at: "gateway",
    call: { method: "PUT", path: "/v1/txn", body: [{ KV: { Verb: "set", Key: "access-test", Value: "MQ==" } }] },
    may: ["management"],
  },
  {
    does: "makes a session",
    at: "gateway",
    call: { method: "PUT", path: "/v1/session/create", body: { Name: "access-test", TTL: "10s", Node: OWN_NODE } },
    may: ["management"],
  },
  {
    does: "lists the sessions",
    at: "gateway",
    call: { method: "GET", path: "/v1/session/list" },
    may: ["management"],
    refusal: "nothing is shown",
  },
  {
    does: "fires an event",
    at: "gateway",
    call: { method: "PUT", path: "/v1/event/fire/access-test" },
    may: ["management"],
  },
  {
    does: "makes a prepared query",
    at: "gateway",
    call: { method: "POST", path: "/v1/query", body: { Name: "made-in-access-test", Service: { Service: "x" } } },
    may: ["management"],
  },
  {
    does: "writes the configuration entry of a declared service",
    at: "gateway",
    call: { method: "PUT", path: "/v1/config?cas=1", body: { Kind: "service-defaults", Name: "billing_service" } },
    may: ["registration", "registrar", "management"],
  },
  {
    does: "writes the configuration entry of all proxies",
    at: "gateway",
    call: { method: "PUT", path: "/v1/config?cas=1", body: { Kind: "proxy-defaults", Name: "global" } },
    may: ["operator", "management"],
  },
  {
    does: "reads autopilot's configuration",
    at: "gateway",
    call: { method: "GET", path: "/v1/operator/autopilot/configuration" },
    may: ["operator", "management"],
  },
  {
    does: "writes autopilot's configuration",
    at: "gateway",
    call: { method: "PUT", path: "/v1/operator/autopilot/configuration?cas=1", body: {} },
    may: ["operator", "management"],
  },
  {
    // An address that no peer has: whoever may is told so.
    does: "removes a raft peer",
    at: "gateway",
    call: { method: "DELETE", path: "/v1/operator/raft/peer?address=192.0.2.1:8300" },
    may: ["operator", "management"],
  },
  {
    // No key: whoever may is told so.
    does: "adds a gossip key",
    at: "gateway",
    call: { method: "POST", path: "/v1/operator/keyring", body: { Key: "" } },
    may: ["management"],
  },
  {
    does: "lists ACL policies",
    at: "gateway",
    call: { method: "GET", path: "/v1/acl/policies" },
    may: ["management"],
  },
  {
    does: "makes an ACL token",
    at: "gateway",
    call: { method: "PUT", path: "/v1/acl/token", body: { Description: "access-test" } },
    may: ["management"],
  },
  {
    // No archive: whoever may is told so, before anything is replaced.
    does: "restores a snapshot",
    at: "gateway",
    call: { method: "PUT", path: "/v1/snapshot" },
    may: ["management"],
  },
];

const tokens = new Map<Who, string | undefined>([["anonymous", undefined]]);

beforeAll(async () => {
  tokens.set("management", outputInState("foundation", "token-management"));
  for (const who of ["discovery", "dynamic", "heartbeat", "metrics", "operator"] as const)
    tokens.set(who, outputInState("access", `token-${who}`));
  // The other three are given out nowhere: they stand where their holders read them, as the container's user does.
  const read = (container: string, file: string) =>
    docker("exec", nameOf(container), "cat", `/rollcall/secrets/${file}`).then((text) => text.trim());
  tokens.set("registration", await read("consul-registrar", "registration.token"));
  tokens.set("registrar", await read("consul-registrar", "registrar.token"));
  const agent: { acl: { tokens: { agent: string } } } = JSON.parse(await read(OWN_NODE, "secrets.json"));
  tokens.set("agent", agent.acl.tokens.agent);
  await asManagement("gateway", { method: "PUT", path: "/v1/kv/access-test", body: 1 });
  const session = { Name: "access-test", Node: OWN_NODE };
  await asManagement("gateway", { method: "PUT", path: "/v1/session/create", body: session });
  await asManagement("gateway", {
    method: "POST",
    path: "/v1/query",
    body: { Name: "access-test", Service: { Service: "billing_service" } },
  });
});

afterAll(async () => {
  await undo();
  await asManagement("gateway", { method: "DELETE", path: "/v1/kv/access-test" });
  const sessions: { ID: string; Name: string }[] = JSON.parse(
    (await asManagement("gateway", { method: "GET", path: "/v1/session/list" })).body,
  );
  for (const { ID, Name } of sessions)
    if (Name === "access-test") await asManagement("gateway", { method: "PUT", path: `/v1/session/destroy/${ID}` });
  const queries: { ID: string; Name: string }[] = JSON.parse(
    (await asManagement("gateway", { method: "GET", path: "/v1/query" })).body,
  );
  for (const { ID, Name } of queries)
    if (Name.includes("access-test")) await asManagement("gateway", { method: "DELETE", path: `/v1/query/${ID}` });
  await untilAllPass(20);
});

function make(at: Deed["at"], call: Call): Promise<Answer> {
  return at === "agent" ? toAgent(call) : throughGateway(call);
}

function asManagement(at: Deed["at"], call: Omit<Call, "token">): Promise<Answer> {
  return make(at, { ...call, token: tokens.get("management") });
}

/** Takes back what a deed may have made. */
async function undo(): Promise<void> {
  await asManagement("agent", { method: "PUT", path: "/v1/agent/service/deregister/access-test" });
  for (const Node of [OWN_NODE, "consul-server-1"])
    await asManagement("gateway", {
      method: "PUT",
      path: "/v1/catalog/deregister",
      body: { Node, CheckID: "access-test" },
    });
  const policies: { ID: string; Name: string }[] = JSON.parse(
    (await asManagement("gateway", { method: "GET", path: "/v1/acl/policies" })).body,
  );
  for (const { ID, Name } of policies)
    if (Name === "access-test") await asManagement("gateway", { method: "DELETE", path: `/v1/acl/policy/${ID}` });
  const made: { AccessorID: string; Description: string }[] = JSON.parse(
    (await asManagement("gateway", { method: "GET", path: "/v1/acl/tokens" })).body,
  );
  for (const { AccessorID, Description } of made)
    if (Description === "access-test")
      await asManagement("gateway", { method: "DELETE", path: `/v1/acl/token/${AccessorID}` });
}

/** What is said to whoever may do something to what is not there. */
const NOTHING_THERE = /was not found in the Raft configuration|key size must be|failed to decompress snapshot: EOF/;

/** What an answer came to: done, refused, or nothing of it shown. */
function outcome({ status, body }: Answer): "done" | 403 | "nothing is shown" | string {
  if (status === 403) return 403;
  if (status === 200) return ["[]", "{}", "null"].includes(body.trim()) ? "nothing is shown" : "done";
  // A server that hands a refused snapshot on may find the stream closed before it has read the refusal.
  if (status === 500 && /^failed to decode response: read tcp .* connection reset/.test(body)) return 403;
  // A transaction tells it of each of its parts.
  if (status === 409 && /"What":"Permission denied/.test(body)) return 403;
  // No such peer, no key, no archive: whoever may not is told 403.
  if (status === 500 && NOTHING_THERE.test(body)) return "done";
  // `force-leave` of a node that nobody has: whoever may not is told 403.
  if (status === 500 && /agent: No node found/.test(body)) return "done";
  return `${status} ${body.slice(0, 200)}`;
}

describe("who may do what", () => {
  test.each(DEEDS.map((deed) => [`${deed.does}: ${deed.may.join(", ")}, nobody else`, deed] as const))(
    "%s",
    async (_, deed) => {
      const found: Partial<Record<Who, string | number>> = {};
      for (const who of EVERYBODY) {
        found[who] = outcome(await make(deed.at, { ...deed.call, token: tokens.get(who) }));
        if (deed.call.method !== "GET" && found[who] === "done") await undo();
      }
      const expected = EVERYBODY.map((who) => [who, deed.may.includes(who) ? "done" : (deed.refusal ?? 403)]);
      expect(found).toEqual(Object.fromEntries(expected));
    },
  );

  test("each consumer has a token of its own", () => {
    const given = [...tokens.values()].filter((each) => each !== undefined);
    expect(new Set(given).size).toBe(EVERYBODY.length - 1);
  });

  test("a token that nobody was given is refused, even for what anybody may do", async () => {
    const wrong = "11111111-2222-4333-8444-555555555555";
    expect(await throughGateway({ method: "GET", path: "/v1/catalog/services", token: wrong })).toMatchObject({
      status: 403,
    });
  });
});

describe("consul reload, as the second seed says it", () => {
  const reload = (secret: string | undefined) =>
    command("docker", ["exec", "-e", "CONSUL_HTTP_TOKEN", nameOf(OWN_NODE), "consul", "reload"], {
      env: { CONSUL_HTTP_TOKEN: secret ?? "" },
    });

  test("reloads with an operator's token", async () => {
    expect(await reload(tokens.get("operator"))).toMatchObject({ code: 0, stdout: expect.stringContaining("reload") });
  });

  test.each(EVERYBODY.filter((who) => who !== "operator" && who !== "management"))("is refused to %s", async (who) => {
    expect(await reload(tokens.get(who))).toMatchObject({ code: 1, stderr: expect.stringContaining("403") });
  });
});

describe("TLS", () => {
  const ask = (tls: { ca?: string }) => throughGateway({ method: "GET", path: "/v1/status/leader" }, tls);

  test("a client that does not know the CA refuses the gateway", async () => {
    await expect(ask({})).rejects.toMatchObject({
      code: expect.stringMatching(
        /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/,
      ),
    });
  });

  test("a client that knows it is served", async () => {
    expect(await ask({ ca: caCertificate() })).toMatchObject({ status: 200, body: expect.stringContaining(":8300") });
  });

  // One container for all that a neighbour on the control-plane network can try; what came of each is a line of JSON.
  let neighbour: Record<string, string>;
  beforeAll(async () => {
    const env = { CA: caCertificate() };
    neighbour = JSON.parse(await pythonOutput(NEIGHBOUR, { network: "rollcall-control", env }));
  });

  test.each([1, 2, 3])("server %i serves its API on TLS as server.dc1.consul", (number) => {
    expect(neighbour[`https consul-server-${number}`]).toBe("CN=server.dc1.consul");
  });

  test("a client without the CA refuses a server", () => {
    expect(neighbour["https without the CA"]).toMatch(/CERTIFICATE_VERIFY_FAILED/);
  });

  test.each([1, 2, 3])("server %i has neither plain HTTP nor DNS for its neighbours", (number) => {
    expect(neighbour[`http consul-server-${number}`]).toMatch(/refused/i);
    expect(neighbour[`dns consul-server-${number}`]).toMatch(/refused/i);
  });

  test("a server's API answers nobody without a certificate of the CA, not even what is open to all", () => {
    expect(neighbour["https without a certificate"]).toMatch(/certificate required|bad certificate/i);
  });

  test("a server answers no RPC to a client without a certificate of the CA", () => {
    expect(neighbour["rpc without a certificate"]).toMatch(/certificate required|bad certificate|reset|closed/i);
  });

  test("a server answers no RPC without TLS", () => {
    expect(neighbour["rpc without TLS"]).toBe("closed");
  });
});

/** What `docker inspect` says of a container, as far as it matters here. */
interface Inspected {
  readonly Name: string;
  readonly Image: string;
  readonly State: { readonly Running: boolean };
  readonly Config: {
    readonly User: string;
    readonly Image: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Healthcheck?: { readonly Test: readonly string[] };
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly Privileged: boolean;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
    readonly RestartPolicy: { readonly Name: string };
    readonly PortBindings: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>> | null;
    readonly Binds: readonly string[] | null;
    readonly PidMode: string;
    readonly NetworkMode: string;
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
  readonly Mounts: readonly { readonly Type: string; readonly Destination: string; readonly RW: boolean }[];
}

describe("the containers", () => {
  let all: readonly Inspected[];
  let running: readonly Inspected[];
  let images: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    const labelled = await docker("ps", "--all", "--quiet", "--filter", `label=rollcall.instance=${instanceName()}`);
    all = JSON.parse(await docker("inspect", ...labelled.split("\n").filter(Boolean)));
    running = all.filter(({ State }) => State.Running);
    const ids = [...new Set(all.map(({ Image }) => Image))];
    const inspected: { Id: string; RepoTags: string[] }[] = JSON.parse(await docker("image", "inspect", ...ids));
    images = new Map(inspected.map(({ Id, RepoTags }) => [Id, RepoTags]));
  });

  /** Names of the containers, without prefix, of which something does not hold. */
  const except = (holds: (container: Inspected) => boolean) =>
    running.filter((container) => !holds(container)).map(plainName);

  test("46 run: three servers, gateway, agent, registrar, and a stand-in for each service", () => {
    const names = running.map(plainName);
    expect(names.filter((name) => name.startsWith("isa-"))).toHaveLength(40);
    expect(names.filter((name) => !name.startsWith("isa-")).sort()).toEqual([
      "consul-agent-shared",
      "consul-registrar",
      "consul-server-1",
      "consul-server-2",
      "consul-server-3",
      "consul-ui",
    ]);
  });

  test("each runs a pinned image, by its id", () => {
    expect(except(({ Config, Image }) => Config.Image === Image && /^sha256:/.test(Image))).toEqual([]);
    for (const tags of images.values())
      expect(tags.join()).toMatch(/(consul:1\.22\.5|nginx:(1\.28\.3-alpine|debian-1))/);
  });

  test("each runs as a user by number that is not root", () => {
    expect(except(({ Config }) => /^[1-9]\d*:[1-9]\d*$/.test(Config.User))).toEqual([]);
  });

  test("each has a root that cannot be written to, and writes to volumes and tmpfs alone", () => {
    expect(except(({ HostConfig }) => HostConfig.ReadonlyRootfs)).toEqual([]);
    expect(except(({ Mounts }) => Mounts.every(({ Type }) => Type === "volume"))).toEqual([]);
  });

  test("each has its configuration and its secrets read-only", () => {
    const own = /^\/rollcall\/(config|secrets)$/;
    expect(except(({ Mounts }) => Mounts.every(({ Destination, RW }) => !own.test(Destination) || !RW))).toEqual([]);
  });

  test("each has dropped every capability, gets no new privileges, and shares nothing with the host", () => {
    expect(except(({ HostConfig: { CapDrop, CapAdd } }) => CapDrop?.join() === "ALL" && !CapAdd?.length)).toEqual([]);
    expect(except(({ HostConfig }) => HostConfig.SecurityOpt?.includes("no-new-privileges") === true)).toEqual([]);
    expect(except(({ HostConfig }) => !HostConfig.Privileged && HostConfig.PidMode === "")).toEqual([]);
  });

  test("each has a memory limit without swap beyond it", () => {
    expect(except(({ HostConfig: { Memory, MemorySwap } }) => Memory > 0 && MemorySwap === Memory)).toEqual([]);
  });

  test("each has logs of three files of 10 MB at most", () => {
    expect(
      except(({ HostConfig: { LogConfig } }) => {
        const { "max-size": size, "max-file": files } = LogConfig.Config;
        return LogConfig.Type === "json-file" && size === "10m" && files === "3";
      }),
    ).toEqual([]);
  });

  test("each comes back after a crash", () => {
    expect(except(({ HostConfig }) => HostConfig.RestartPolicy.Name === "unless-stopped")).toEqual([]);
  });

  test.each(["consul-server-1", "consul-agent-shared", "consul-ui", "consul-registrar"])(
    "%s reaps what its health checks leave behind",
    async (name) => {
      const states = () => docker("top", nameOf(name), "-eo", "pid,stat");
      await until(`no dead process in ${name}`, 5, async () => !/^ *\d+ +Z/m.test(await states()));
    },
  );

  test("each has a healthcheck where Consul does not check it", () => {
    const unchecked = except(({ Config }) => Config.Healthcheck !== undefined);
    expect(unchecked.filter((name) => !name.startsWith("isa-"))).toEqual([]);
  });

  test("each says in its labels which stack and which platform made it, carriers too", () => {
    const stack = /^(server-[1-3]|gateway|registry|workloads)$/;
    expect(all.filter(({ Config }) => !stack.test(Config.Labels.rollcall ?? "")).map(plainName)).toEqual([]);
  });

  test("nothing is published but the gateway's two ports, on loopback", () => {
    const { httpPort, httpsPort } = platform();
    const published = all
      .map((container) => [plainName(container), container.HostConfig.PortBindings ?? {}] as const)
      .filter(([, ports]) => Object.keys(ports).length > 0);
    expect(Object.fromEntries(published)).toEqual({
      "consul-ui": {
        "8500/tcp": [{ HostIp: "127.0.0.1", HostPort: String(httpPort) }],
        "8501/tcp": [{ HostIp: "127.0.0.1", HostPort: String(httpsPort) }],
      },
    });
  });

  test("there are two networks, and of the control plane only the agent stands in both", () => {
    const inside = (network: string) =>
      running.filter(({ NetworkSettings }) => nameOf(network) in NetworkSettings.Networks).map(plainName);
    expect(inside("rollcall-control").sort()).toEqual([
      "consul-agent-shared",
      "consul-registrar",
      "consul-server-1",
      "consul-server-2",
      "consul-server-3",
      "consul-ui",
    ]);
    expect(inside("rollcall-platform").filter((name) => !name.startsWith("isa-"))).toEqual(["consul-agent-shared"]);
    expect(inside("rollcall-platform")).toHaveLength(41);
    const elsewhere = new Set(all.flatMap(({ NetworkSettings }) => Object.keys(NetworkSettings.Networks)));
    expect([...elsewhere].sort()).toEqual(["none", nameOf("rollcall-control"), nameOf("rollcall-platform")].sort());
  });
});

function plainName({ Name }: Inspected): string {
  return Name.slice(`/${platform().prefix}`.length);
}

/** Prints what a program on the control-plane network gets from the servers. */
const NEIGHBOUR = `
import json, os, socket, ssl
found = {}

def attempt(what, work):
    try:
        found[what] = work()
    except Exception as error:
        found[what] = str(error) or type(error).__name__

def connect(host, port):
    return socket.create_connection((host, port), timeout=10)

def https(host, ca):
    context = ssl.create_default_context(cadata=ca)
    with context.wrap_socket(connect(host, 8501), server_hostname="server.dc1.consul") as tls:
        return "CN=" + dict(pair[0] for pair in tls.getpeercert()["subject"])["commonName"]

def https_without_certificate():
    context = ssl.create_default_context(cadata=os.environ["CA"])
    with context.wrap_socket(connect("consul-server-1", 8501), server_hostname="server.dc1.consul") as tls:
        tls.send(b"GET /v1/catalog/nodes HTTP/1.0\\r\\n\\r\\n")
        return answer(tls)

def plain(host, port):
    connect(host, port).close()
    return "connected"

def answer(stream):
    return "answered" if stream.recv(1) else "closed"

def rpc_without_certificate():
    stream = connect("consul-server-1", 8300)
    stream.send(b"\\x03")  # Consul's byte for RPC over TLS
    context = ssl.create_default_context(cadata=os.environ["CA"])
    with context.wrap_socket(stream, server_hostname="server.dc1.consul") as tls:
        tls.send(b"\\x00")
        return answer(tls)

def rpc_without_tls():
    stream = connect("consul-server-1", 8300)
    stream.send(b"\\x00\\x00")
    return answer(stream)

for number in (1, 2, 3):
    host = f"consul-server-{number}"
    attempt(f"https {host}", lambda: https(host, os.environ["CA"]))
    attempt(f"http {host}", lambda: plain(host, 8500))
    attempt(f"dns {host}", lambda: plain(host, 8600))
attempt("https without a certificate", https_without_certificate)
attempt("https without the CA", lambda: https("consul-server-1", None))
attempt("rpc without a certificate", rpc_without_certificate)
attempt("rpc without TLS", rpc_without_tls)
print(json.dumps(found))
`;
