/**
 * @needs platform
 * @areas lib/consul/tls/certificate-authority.ts lib/consul/agents/agent-config.ts lib/consul/agents/consul-server.ts
 *   lib/docker/bridge-network.ts lib/catalog/checks/http.ts lib/consul/registrar
 * @seconds 90
 */
import { randomBytes } from "node:crypto";
import { selfSigned } from "../support/self-signed.js";
import { metAtServer, pairOf } from "./support/at-server.js";
import { DNS_OVER_UDP } from "./support/dns.js";
import { furtherImage } from "./support/further-image.js";
import { throughGateway, toAgent } from "./support/http.js";
import { Impostor } from "./support/impostor.js";
import { apiJson, command, docker, nameOf, output, passingServices, rollcall, until } from "./support/platform.js";
import { pythonOutput } from "./support/python.js";
import { caCertificate, outputInState, secretValues } from "./support/state.js";

/** What somebody made who has no certificate of the platform's CA: it vouches for itself, under a server's name. */
const foreign = selfSigned("server.dc1.consul");
const STRANGER = "stranger";

afterEach(async () => {
  await command("docker", ["rm", "--force", "--volumes", nameOf(STRANGER)]);
  const token = outputInState("foundation", "token-management");
  await throughGateway({ method: "PUT", path: `/v1/agent/force-leave/${STRANGER}?prune`, token });
  await until("no stranger is a member or in the catalog", 15, async () => {
    const nodes = await apiJson<{ Node: string }[]>("/v1/catalog/nodes");
    return !(await members()).includes(STRANGER) && nodes.every(({ Node }) => Node !== STRANGER);
  });
});

/** The members as a server knows them. */
async function members(): Promise<string> {
  return docker("exec", nameOf("consul-server-1"), "consul", "members");
}

const REFUSED = /unknown.ca|bad certificate|certificate required/i;

describe("RPC and HTTPS of a server, from a container on the control-plane network", () => {
  test("a client with a certificate of another CA is refused", async () => {
    expect(await metAtServer(foreign.certPem + foreign.keyPem)).toEqual({
      rpc: expect.stringMatching(REFUSED),
      https: expect.stringMatching(REFUSED),
    });
  });

  test("a client without a certificate is refused", async () => {
    expect(await metAtServer()).toEqual({
      rpc: expect.stringMatching(REFUSED),
      https: expect.stringMatching(REFUSED),
    });
  });

  test("the shared agent's certificate is taken: the refusal is the certificate's", async () => {
    expect(await metAtServer(await pairOf("consul-agent-shared"))).toEqual({ rpc: "taken", https: "taken" });
  });
});

describe("gossip: a Consul agent of somebody else's on the control-plane network", () => {
  /** Starts it; its configuration comes on standard input. */
  async function start(encrypt: string | undefined): Promise<void> {
    const image = await furtherImage("consul", {});
    const servers = await docker(
      "inspect",
      "--format",
      `{{(index .NetworkSettings.Networks "${nameOf("rollcall-control")}").IPAddress}}`,
      nameOf("consul-server-1"),
    );
    const config = {
      node_name: STRANGER,
      datacenter: "dc1",
      data_dir: "/tmp/data",
      bind_addr: '{{ GetInterfaceIP "eth0" }}',
      retry_join: [servers.trim()],
      retry_interval: "1s",
      ...(encrypt === undefined ? {} : { encrypt }),
      ports: { grpc: -1 },
      tls: {
        defaults: {
          ca_file: "/tmp/ca.pem",
          cert_file: "/tmp/own.pem",
          key_file: "/tmp/own.pem",
          verify_outgoing: true,
        },
      },
    };
    const place = [
      "--detach",
      "--name",
      nameOf(STRANGER),
      "--network",
      nameOf("rollcall-control"),
      "--tmpfs",
      "/tmp:mode=1777",
    ];
    const wait =
      "until [ -s /tmp/agent.json ]; do sleep 0.1; done; exec /bin/consul agent -config-file=/tmp/agent.json";
    await docker("run", ...place, "--entrypoint", "/bin/sh", image, "-c", wait);
    const put = (path: string, input: string) =>
      command("docker", ["exec", "-i", nameOf(STRANGER), "sh", "-c", `cat >${path}.new && mv ${path}.new ${path}`], {
        input,
      });
    await put("/tmp/ca.pem", caCertificate());
    await put("/tmp/own.pem", foreign.certPem + foreign.keyPem);
    await put("/tmp/agent.json", JSON.stringify(config));
  }

  async function log(): Promise<string> {
    const { stdout, stderr } = await command("docker", ["logs", nameOf(STRANGER)]);
    return stdout + stderr;
  }

  test.each([
    ["another key", () => randomBytes(32).toString("base64"), /could decrypt.* from=/],
    ["no key", () => undefined, /is not encrypted.* from=/],
  ])("with %s it is refused and becomes no member", async (_, key, refusal) => {
    const begun = (Date.now() / 1000).toFixed(3);
    await start(key());
    await until(
      "it has tried to join, twice",
      10,
      async () => ((await log()).match(/failed to join|Join failed/gi) ?? []).length > 1,
    );
    expect(await members()).not.toContain(STRANGER);
    const { stdout, stderr } = await command("docker", ["logs", "--since", begun, nameOf("consul-server-1")]);
    expect(stdout + stderr).toMatch(refusal);
  });

  test("with the right key and no certificate of the CA it is seen as a member, and can ask nothing", async () => {
    await start(gossipKey());
    await until("it is a member", 10, async () => /stranger .* alive /.test(await members()));
    const ask = ["exec", nameOf(STRANGER), "consul", "catalog", "services"];
    // How a client learns that it was refused depends on the moment (EOF, session shutdown, no known server, …); why, its
    // log tells.
    await until("it is refused", 10, async () => {
      const { code, stdout, stderr } = await command("docker", ask);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      return /Unexpected response code: 500/.test(stderr);
    });
    expect(await log()).toMatch(/remote error: tls|certificate|connection reset|broken pipe/i);
    const { Services } = await apiJson<{ Services: unknown[] | null }>(`/v1/catalog/node-services/${STRANGER}`);
    expect(Services ?? []).toEqual([]);
  });
});

describe("a service that was taken over, and answers its health check with a redirect", () => {
  interface Check {
    readonly CheckID: string;
    readonly Status: string;
    readonly Output: string;
  }
  const CHECK = "billing_service:http";
  let impostor: Impostor | undefined;

  beforeAll(async () => {
    await docker("stop", "--time", "2", nameOf("isa-billing"));
  });
  afterAll(async () => {
    await impostor?.remove();
    await docker("start", nameOf("isa-billing"));
    await until("billing passes again", 20, async () => (await passingServices()).has("billing_service"));
  });

  test.each([
    ["the agent's own API", "http://127.0.0.1:8500/v1/agent/members"],
    ["the gateway in the control plane", "http://consul-ui:8500/v1/status/impostor"],
  ])("to %s is critical, and neither asked nor shown what that answers", async (_, target) => {
    const begun = new Date();
    const own = await Impostor.start("isa-billing", 8216, `location / { return 302 ${target}; }`);
    impostor = own;
    await until("its check has asked the impostor", 12, async () => (await own.asked()) > 0);
    // Of the answer itself its last byte is there, the end of Nginx's page.
    const said = /^HTTP GET http:\/\/isa-billing:8216\/health: 302 Moved Temporarily Output: \s*$/;
    await until("the agent's check says so", 3, async () => {
      const { body } = await toAgent({ method: "GET", path: "/v1/agent/checks" });
      const check = (JSON.parse(body) as Record<string, Check>)[CHECK];
      return check?.Status === "critical" && said.test(check.Output);
    });
    const checks = await apiJson<Check[]>("/v1/health/checks/billing_service");
    expect(checks).toMatchObject([{ Status: "critical" }]);
    expect(JSON.stringify(checks)).not.toMatch(/consul-agent-shared.*Addr|serf|8301/);
    const log = await output("sh", ["-c", `docker logs --since ${begun.toISOString()} ${nameOf("consul-ui")} 2>&1`]);
    expect(log).not.toContain("/v1/status/impostor");
    expect(await passingServices()).not.toContain("billing_service");
  });

  test("which a person on call is told with the status, and not with the answer", async () => {
    const { stdout } = await rollcall("logs", ["billing_service", "--tail", "1"]);
    expect(stdout).toMatch(/billing_service: critical, http: HTTP GET \S+\/health: 302 Moved Temporarily/);
  });
});

describe("from a container on the platform network", () => {
  test("no address of the control plane is reached: not a server's, not the gateway's, not the agent's", async () => {
    const format = `{{(index .NetworkSettings.Networks "${nameOf("rollcall-control")}").IPAddress}}`;
    const names = ["consul-server-1", "consul-server-2", "consul-server-3", "consul-ui", "consul-agent-shared"];
    const addresses = (await docker("inspect", "--format", format, ...names.map(nameOf))).trim().split("\n");
    expect(addresses).toHaveLength(5);
    const found = await pythonOutput(`ADDRESSES = ${JSON.stringify(addresses)}\n${DNS_OVER_UDP}${REACH}`, {
      network: "rollcall-platform",
    });
    expect(JSON.parse(found)).toEqual([]);
  });

  test("the same program reaches them from the control plane: what keeps them apart is the network", async () => {
    const format = `{{(index .NetworkSettings.Networks "${nameOf("rollcall-control")}").IPAddress}}`;
    const address = (await docker("inspect", "--format", format, nameOf("consul-server-1"))).trim();
    const found = await pythonOutput(`ADDRESSES = ["${address}"]\n${DNS_OVER_UDP}${REACH}`, {
      network: "rollcall-control",
    });
    expect(JSON.parse(found)).toEqual([8300, 8301, 8302, 8501].map((port) => [address, port]));
  });

  test("of all of them the agent alone answers DNS, by TCP and UDP, under the address that it has in that network", async () => {
    const found = await pythonOutput(`ADDRESSES = ["consul-agent-shared"]\n${DNS_OVER_UDP}${REACH}`, {
      network: "rollcall-platform",
    });
    expect(JSON.parse(found)).toEqual(
      expect.arrayContaining([8600, "8600 UDP"].map((port) => ["consul-agent-shared", port])),
    );
  });
});

/** 32 bytes in base64: no other secret looks like it but the one that `rotate` puts in its place. */
function gossipKey(): string {
  const found = [...secretValues()].find(
    ([what, value]) => /gossip-key(?!-next)/.test(what) && /^[\w+/]{43}=$/.test(value),
  );
  if (found === undefined) throw new Error("the gossip key is not found in the state");
  return found[1];
}

/** Prints which ports of the addresses take a connection, and which answer to DNS over UDP; after DNS_OVER_UDP. */
const REACH = `
import json, socket
from concurrent.futures import ThreadPoolExecutor
def reached(place):
    address, port = place
    try:
        if port == "8600 UDP":
            dns_over_udp(address)
        else:
            socket.create_connection(place, timeout=3).close()
        return True
    except OSError:
        return False
places = [(address, port) for address in ADDRESSES for port in (8300, 8301, 8302, 8500, 8501, 8600, "8600 UDP")]
with ThreadPoolExecutor(30) as pool:
    print(json.dumps([place for place, there in zip(places, pool.map(reached, places)) if there]))
`;
