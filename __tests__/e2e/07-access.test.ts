/**
 * @needs platform
 * @areas lib/consul/acl/acl-grants.ts lib/consul/acl/acl-grant.ts lib/consul/acl/acl-rules.ts lib/consul/tls/certificate-authority.ts
 *   lib/docker stacks/access-stack.ts stacks/foundation-stack.ts ops/verbs/token.ts
 * @seconds 100
 */
import { metAtServer } from "./support/at-server.js";
import { untilAllPass } from "./support/cluster.js";
import { ALWAYS, DEEDS, OWN_NODE, type Who } from "./support/deeds.js";
import { DNS_OVER_UDP } from "./support/dns.js";
import { throughGateway } from "./support/http.js";
import { Matrix } from "./support/matrix.js";
import { command, docker, nameOf, platform, until } from "./support/platform.js";
import { pythonOutput } from "./support/python.js";
import { caCertificate, instanceName, outputInState } from "./support/state.js";

const tokens = new Map<Who, string | undefined>([["anonymous", undefined]]);
const matrix = new Matrix(tokens, { agent: nameOf(OWN_NODE), httpPort: platform().httpPort });

beforeAll(async () => {
  tokens.set("management", outputInState("foundation", "token-management"));
  for (const who of ["discovery", "dynamic", "heartbeat", "metrics", "operator"] as const)
    tokens.set(who, outputInState("access", `token-${who}`));
  // The others are given out nowhere: they stand where their holders read them, as the container's user does.
  const read = (container: string, file: string) =>
    docker("exec", nameOf(container), "cat", `/rollcall/secrets/${file}`).then((text) => text.trim());
  tokens.set("registration", await read("consul-registrar", "registration.token"));
  tokens.set("registrar", await read("consul-registrar", "registrar.token"));
  tokens.set("monitor", await read("consul-monitor", "monitor.token"));
  const agent: { acl: { tokens: { agent: string } } } = JSON.parse(await read(OWN_NODE, "secrets.json"));
  tokens.set("agent", agent.acl.tokens.agent);
  await matrix.prepare();
});

afterAll(async () => {
  await matrix.clean();
  await untilAllPass(20);
});

describe("who may do what", () => {
  test.each(DEEDS.map((deed) => [`${deed.does}: ${deed.may.join(", ")}, nobody else`, deed] as const))(
    "%s",
    async (_, deed) => {
      expect(await matrix.tried(deed)).toEqual(matrix.expected(deed));
    },
  );

  test("each consumer has a token of its own", () => {
    expect([...tokens.keys()].sort()).toEqual([...ALWAYS].sort());
    const given = [...tokens.values()].filter((each) => each !== undefined);
    expect(new Set(given).size).toBe(ALWAYS.length - 1);
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

  test.each(ALWAYS.filter((who) => who !== "operator" && who !== "management"))("is refused to %s", async (who) => {
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
    neighbour = JSON.parse(await pythonOutput(DNS_OVER_UDP + NEIGHBOUR, { network: "rollcall-control", env }));
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
    expect(neighbour[`dns by UDP consul-server-${number}`]).toMatch(/refused|timed out/i);
  });

  test("the same question by UDP is answered where DNS is served: by the shared agent", () => {
    expect(neighbour["dns by UDP consul-agent-shared"]).toBe("3 addresses");
  });

  test("a server's API answers nobody without a certificate of the CA, not even what is open to all", async () => {
    expect((await metAtServer()).https).toMatch(/certificate required|bad certificate/i);
  });

  test("a server answers no RPC to a client without a certificate of the CA", async () => {
    expect((await metAtServer()).rpc).toMatch(/certificate required|bad certificate|reset|closed/i);
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

  test("47 run: three servers, gateway, agent, registrar, monitor, and a stand-in for each service", () => {
    const names = running.map(plainName);
    expect(names.filter((name) => name.startsWith("isa-"))).toHaveLength(40);
    expect(names.filter((name) => !name.startsWith("isa-")).sort()).toEqual([
      "consul-agent-shared",
      "consul-monitor",
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
      expect(tags.join()).toMatch(/(consul:1\.22\.5|nginx:(1\.28\.3-alpine|debian-1)|node:22\.23\.3)/);
  });

  test("each runs as a user by number that is not root", () => {
    expect(except(({ Config }) => /^[1-9]\d*:[1-9]\d*$/.test(Config.User))).toEqual([]);
  });

  test("each has a root that cannot be written to, and writes to volumes and tmpfs alone", () => {
    expect(except(({ HostConfig }) => HostConfig.ReadonlyRootfs)).toEqual([]);
    expect(except(({ Mounts }) => Mounts.every(({ Type }) => Type === "volume"))).toEqual([]);
  });

  test("each has its configuration and its secrets read-only", () => {
    const own = /^\/rollcall\//;
    const mounted = running.filter(({ Mounts }) => Mounts.some(({ Destination }) => own.test(Destination)));
    expect(mounted.map(plainName)).toEqual(
      expect.arrayContaining(["consul-ui", "consul-server-1", "consul-registrar"]),
    );
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

  test.each(["consul-server-1", "consul-agent-shared", "consul-ui", "consul-registrar", "consul-monitor"])(
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
    const stack = /^(server-[1-3]|gateway|registry|monitor|workloads)$/;
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
      "consul-monitor",
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

def plain(host, port):
    connect(host, port).close()
    return "connected"

def rpc_without_tls():
    stream = connect("consul-server-1", 8300)
    stream.send(b"\\x00\\x00")
    return "answered" if stream.recv(1) else "closed"

for number in (1, 2, 3):
    host = f"consul-server-{number}"
    attempt(f"https {host}", lambda: https(host, os.environ["CA"]))
    attempt(f"http {host}", lambda: plain(host, 8500))
    attempt(f"dns {host}", lambda: plain(host, 8600))
    attempt(f"dns by UDP {host}", lambda: dns_over_udp(host))
attempt("dns by UDP consul-agent-shared", lambda: dns_over_udp("consul-agent-shared"))
attempt("https without the CA", lambda: https("consul-server-1", None))
attempt("rpc without TLS", rpc_without_tls)
print(json.dumps(found))
`;
