import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Container, type ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { EVERY_SERVICE_CHECKED } from "../../lib/policies/every-service-checked.js";
import { judge } from "../../lib/policies/judge.js";
import { POLICIES } from "../../lib/policies/policies.js";
import { suppress } from "../../lib/policies/suppress.js";
import { UserError } from "../../lib/user-error.js";
import { synthPlatform } from "./synth-app.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-policies-"));
afterAll(() => rmSync(folder, { recursive: true }));
const PLACE = {
  prefix: "t1-",
  controlSubnet: "172.30.243.0/24",
  platformSubnet: "172.30.244.0/24",
  monitoringSubnet: "172.30.246.0/24",
  monitoring: true,
};
const NOTHING: Catalog = { teams: [], services: [], dynamic: [] };
const GOOD: ContainerConfig = {
  name: "good",
  image: `debian@sha256:${"0".repeat(64)}`,
  user: "101:101",
  readOnly: true,
  capabilities: { drop: ["ALL"] },
  securityOpts: ["no-new-privileges"],
  memory: 64,
  memorySwap: 64,
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
};

/** What the policies say of a stack `test` that `declare` fills; [] where nothing. */
function verdict(declare: (stack: TerraformStack) => void, lifted: readonly string[] = []): readonly string[] {
  const app = new App({ outdir: folder });
  declare(new TerraformStack(app, "test"));
  try {
    judge(app, NOTHING, PLACE, new Set(lifted));
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.remedy).toContain("docs/security.md");
    return error.message.split("\n");
  }
}
const container = (changes: Partial<ContainerConfig>) => (stack: TerraformStack) => {
  new Container(stack, "c", { ...GOOD, ...changes });
};
const volume = (name: string, preventDestroy: boolean) => (stack: TerraformStack) => {
  new Volume(stack, "v", { name, lifecycle: { preventDestroy } });
};
const image = (name: string) => (stack: TerraformStack) => {
  new Image(stack, "i", { name });
};

test("a container that keeps every rule is not mentioned", () => {
  expect(verdict(container({}))).toEqual([]);
});

test.each<[string, (stack: TerraformStack) => void, string]>([
  ["pinned-image", image("nginx"), "image nginx: the image nginx is not pinned"],
  ["pinned-image", image("registry:5000/nginx"), "image registry:5000/nginx: the image registry:5000/nginx is not"],
  ["pinned-image", image("nginx:latest"), "image nginx:latest: the image nginx:latest is not pinned"],
  ["pinned-image", container({ image: "nginx" }), "container good: the image nginx is not pinned"],
  ["loopback-ports", container({ ports: [{ internal: 1, external: 2 }] }), "container good: it publishes 0.0.0.0:2"],
  [
    "loopback-ports",
    container({ ports: [{ internal: 1, external: 2, ip: "::" }] }),
    "container good: it publishes :::2",
  ],
  ["non-root", container({ user: "" }), "container good: it runs as the image's user"],
  ["non-root", container({ user: "0:0" }), "container good: it runs as 0:0"],
  ["non-root", container({ user: "nginx" }), "container good: it runs as nginx"],
  ["read-only-root", container({ readOnly: false }), "container good: its root can be written to"],
  ["no-capabilities", container({ capabilities: {} }), "container good: it keeps Docker's default capabilities"],
  [
    "no-capabilities",
    container({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }),
    "container good: it has the capabilities NET_ADMIN",
  ],
  ["no-capabilities", container({ privileged: true }), "container good: it is privileged"],
  ["no-capabilities", container({ securityOpts: [] }), "container good: it can gain privileges"],
  ["bounded-memory", container({ memory: 0, memorySwap: 0 }), "container good: its memory is not bounded"],
  ["bounded-memory", container({ memorySwap: 128 }), "container good: its swap is not bounded"],
  ["bounded-logs", container({ logOpts: {} }), "container good: its logs are not bounded"],
  ["bounded-logs", container({ logDriver: "journald" }), "container good: its logs are not bounded"],
  [
    "no-docker-socket",
    container({ volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/s" }] }),
    "container good: it has the Docker socket (/var/run/docker.sock)",
  ],
  [
    "no-docker-socket",
    container({ mounts: [{ type: "bind", source: "/etc", target: "/e" }] }),
    "container good: it sees /etc",
  ],
  ["no-secret-in-env", container({ env: ["CONSUL_HTTP_TOKEN=x"] }), "container good: CONSUL_HTTP_TOKEN in its"],
  ["no-secret-in-env", container({ env: ["A=${random_bytes.b.hex}"] }), "container good: A in its environment may be"],
  ["protected-server-volumes", volume("x-consul-server-1-data", false), "volume x-consul-server-1-data: it can be"],
])("%s: a violation is named with its remedy", (id, declare, said) => {
  const remedy = POLICIES.find((policy) => policy.id === id)?.remedy ?? "none";
  expect(verdict(declare)).toEqual([expect.stringContaining(`(policy ${id}); ${remedy}`)]);
  expect(verdict(declare)[0]).toContain(`test: ${said}`);
});

test.each<[string, (stack: TerraformStack) => void]>([
  ["an image with a version", image("registry:5000/nginx:1.29.1")],
  ["an image with a digest", image(`nginx@sha256:${"a".repeat(64)}`)],
  [
    "a container that refers to a pinned image",
    (stack) => container({ image: new Image(stack, "i", { name: "nginx:1.29.1" }).imageId })(stack),
  ],
  ["a port on 127.0.0.1", container({ ports: [{ internal: 1, external: 2, ip: "127.0.0.1" }] })],
  ["a volume in a container", container({ volumes: [{ volumeName: "data", containerPath: "/data" }] })],
  ["an environment without secrets", container({ env: ["NGINX_CONF=a $${b}", "TZ=UTC", "CONSUL_HTTP_TOKEN_FILE=/x"] })],
  ["a protected volume of a server", volume("consul-server-1-data", true)],
  ["a volume of something else", volume("consul-agent-shared-data", false)],
  [
    "a carrier, which never runs",
    container({ start: false, user: "", readOnly: false, capabilities: {}, memory: 0, logDriver: "" }),
  ],
])("%s is within the rules", (_, declare) => {
  expect(verdict(declare)).toEqual([]);
});

test("a carrier is not excused from what concerns everybody", () => {
  expect(verdict(container({ start: false, env: ["TOKEN=x"] }))).toHaveLength(1);
});

test("all violations are told at once", () => {
  expect(verdict(container({ user: "", readOnly: false, memorySwap: 0 }))).toHaveLength(3);
});

test("a suppression excuses what it is put on, and what is below it, from one policy", () => {
  const declare = (excuse: boolean) => (stack: TerraformStack) => {
    const group = new Construct(stack, "group");
    new Container(group, "c", { ...GOOD, user: "", readOnly: false });
    if (excuse) suppress(group, "non-root", "the vendor's image starts as root and drops it");
  };
  expect(verdict(declare(false))).toHaveLength(2);
  expect(verdict(declare(true))).toEqual([expect.stringContaining("read-only-root")]);
});

test("a suppression without a reason, or of a policy that there is not, is refused", () => {
  const stack = new TerraformStack(new App({ outdir: folder }), "test");
  expect(() => suppress(stack, "non-root", " ")).toThrow("the suppression of non-root has no reason");
  expect(() => suppress(stack, "nonroot", "why")).toThrow('there is no policy "nonroot"');
});

test("a service that nothing checks needs a reason", () => {
  const [service] = readCatalog(join(import.meta.dirname, "../../service-catalog")).services;
  if (service === undefined) throw new Error("the catalog is empty");
  const unchecked = (reason: string): Catalog => ({
    teams: [],
    services: [{ ...service, checks: [{ name: "none", check: { kind: "none", reason } }] }],
    dynamic: [],
  });
  expect(() => judge(new App({ outdir: folder }), unchecked(" "), PLACE)).toThrow(
    /nothing checks it \(policy every-service/,
  );
  expect(() => judge(new App({ outdir: folder }), unchecked("a batch job"), PLACE)).not.toThrow();
});

const [anyService] = readCatalog(join(import.meta.dirname, "../../service-catalog")).services;
/** What the policies say of a service at an address, one of whose checks asks a url; "" where nothing. */
function verdictOn(address: string, url: string, kind: "http" | "tcp" = "http"): string {
  if (anyService === undefined) throw new Error("the catalog is empty");
  const times = { interval: "9s", timeout: "9s" };
  const check = kind === "tcp" ? { kind, ...times } : { kind, url, method: "GET" as const, ...times };
  const services = [{ ...anyService, address, checks: [{ name: kind, check }] }];
  try {
    judge(new App({ outdir: folder }), { teams: [], services, dynamic: [] }, PLACE);
    return "";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

test.each([
  ["172.30.243.20", "the agent's own address", "control plane"],
  ["172.30.243.130", "any address of that network", "control plane"],
  ["::ffff:172.30.243.11", "a server's, in another spelling", "control plane"],
  ["::FFFF:AC1E:F30B", "the same in hexadecimal", "control plane"],
  ["64:ff9b::172.30.243.11", "the same by NAT64", "control plane"],
  ["2002:ac1e:f30b::1", "the same by 6to4", "control plane"],
  ["t1-consul-ui", "a name with the platform's prefix", "control plane"],
  ["T1-Consul-UI", "the same in capitals", "control plane"],
  ["t1-consul-server-1.t1-rollcall-control", "a name with its network's", "control plane"],
  ["172.30.243.1", "the host's address in the control plane", "Docker host"],
  ["172.30.244.1", "the host's address in the platform network", "Docker host"],
  ["172.30.246.1", "the host's address in the third network", "Docker host"],
  ["::ffff:172.30.244.1", "the same in another spelling", "Docker host"],
  ["64:ff9b::ac1e:f401", "the same by NAT64", "Docker host"],
])("a service at %s, %s, is refused, whatever checks it, and so is a check there", (host, _, place) => {
  const said = new RegExp(`^[a-z_]+: \\S+ is (in the|the) ${place}.* \\(policy no-check-of-the-control-plane\\); `);
  expect(verdictOn(host, "http://a/")).toMatch(said);
  expect(verdictOn(host, "", "tcp")).toMatch(said);
  expect(verdictOn("a", host.includes(":") ? `http://[${host}]/` : `http://${host}/`)).toMatch(said);
});

test.each([
  ["172.30.243.1", "2887709441"],
  ["172.30.244.1", "0xac1ef401"],
  ["172.30.244.1", "0254.036.0364.1"],
  ["172.30.244.1", "172.30.62465"],
])("%s as %s in a url is the same to it", (_, spelt) => {
  expect(verdictOn("a", `http://${spelt}:8500/v1/agent/self`)).toMatch(/ is the Docker host/);
});

test.each(["172.30.244.20", "172.30.245.1", "t1-consul", "host.docker.internal", "2001:db8::1", "64:ff9b::ac1e:f414"])(
  "a service at %s may stand there, and a check may ask it",
  (host) => {
    expect([verdictOn(host, "http://a/"), verdictOn(host, "", "tcp")]).toEqual(["", ""]);
    expect(verdictOn("a", host.includes(":") ? `http://[${host}]/` : `http://${host}/`)).toBe("");
  },
);

test("the platform keeps every rule, and the servers' data is protected unless a setting lifts that", () => {
  const isProtected = (env: Record<string, string>) =>
    Object.values(synthPlatform(env).stacks["server-1"]?.resource.docker_volume ?? {}).some(
      (each) => (each.lifecycle as { prevent_destroy?: boolean } | undefined)?.prevent_destroy === true,
    );
  expect(isProtected({})).toBe(true);
  expect(isProtected({ ROLLCALL_PROTECT: "off" })).toBe(false);
});

test("every policy has a file of its name and a line in docs/security.md", () => {
  const root = join(import.meta.dirname, "../..");
  const files = readdirSync(join(root, "lib/policies"));
  const text = readFileSync(join(root, "docs/security.md"), "utf8");
  for (const id of [...POLICIES.map((policy) => policy.id), EVERY_SERVICE_CHECKED]) {
    expect(files).toContain(`${id}.ts`);
    expect(text).toContain(`| \`${id}\` |`);
  }
});
