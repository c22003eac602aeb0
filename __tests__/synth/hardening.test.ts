import { allContainers, type Container, exposedPorts, running, weaknessesOf } from "./containers.js";
import { resourcesOf, synthPlatform } from "./synth-app.js";

const platform = synthPlatform();
const containers = allContainers(platform);
const idle = containers.filter(({ start }) => !start);
/** What fills a volume with a folder of its image. */
const fillers = idle.filter(({ name }) => name.includes("-programs-"));
const carriers = idle.filter((each) => !fillers.includes(each));

/** A container of the platform by its name. */
function container(name: string): Container {
  const found = containers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
}

test("every container that runs is hardened", () => {
  const weak = running(containers).flatMap((each) => weaknessesOf(each).map((weakness) => `${each.name}: ${weakness}`));
  expect(weak).toEqual([]);
  expect(running(containers)).toHaveLength(3 + 1 + 3 + 40);
});

test.each<[string, Partial<Container>]>([
  ["its root is writable", { read_only: false }],
  ["it has capabilities", { capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] } }],
  ["it has capabilities", { capabilities: { add: [], drop: [] } }],
  ["it has capabilities", { privileged: true }],
  ["it can gain privileges", { security_opts: [] }],
  ["its memory is not bounded", { memory: 0, memory_swap: 0 }],
  ["its memory is not bounded", { memory_swap: -1 }],
  ["its logs are not bounded", { log_opts: { "max-size": "10m" } }],
  ["its logs are not bounded", { log_driver: "" }],
  ["it stays away after a crash", { restart: "no" }],
  ["it runs as root or by a user's name", { user: "0:0" }],
  ["it runs as root or by a user's name", { user: "nginx" }],
  ["it runs as root or by a user's name", { user: "" }],
  ["it lacks our labels", { labels: [{ label: "rollcall", value: "workloads" }] }],
  ["it lacks our labels", { stack: "another" }],
  [
    "it sees the host's files",
    { volumes: [{ host_path: "/var/run/docker.sock", container_path: "/docker.sock", read_only: true }] },
  ],
  ["it can run what it writes to a tmpfs", { tmpfs: { "/tmp": "rw,nosuid,nodev" } }],
  ["it shares a network that is not ours", { network_mode: "host" }],
  ["it is killed at once", { destroy_grace_seconds: 0 }],
])("the rule notices where %s: %j", (weakness, change) => {
  expect(weaknessesOf({ ...container("isa-billing"), ...change })).toEqual([weakness]);
});

test("what a container may write to besides /tmp is its user's: a restart gives it the mode of a folder that root made", () => {
  const others = running(containers).flatMap(({ name, user, tmpfs }) =>
    Object.entries(tmpfs).flatMap(([path, options]) => (path === "/tmp" ? [] : [{ name, path, user, options }])),
  );
  expect(others.map(({ name, path }) => `${name} ${path}`)).toEqual(
    expect.arrayContaining(["consul-ui /accessors", "consul-agent-shared /accessors"]),
  );
  for (const { name, path, user, options } of others) {
    const [uid, gid] = user.split(":");
    expect([name, path, options]).toEqual([name, path, expect.stringContaining(`,uid=${uid},gid=${gid}`)]);
  }
});

test("a Consul collects its garbage before its container's limit would have it killed", () => {
  const heaps = running(containers).flatMap(({ name, memory, env }) =>
    env.filter((each) => each.startsWith("GOMEMLIMIT=")).map((each) => [name, memory, each]),
  );
  expect(heaps).toEqual(
    // The agent's container has Nginx in it as well.
    Object.entries({
      "consul-server-1": 256,
      "consul-server-2": 256,
      "consul-server-3": 256,
      "consul-agent-shared": 384,
    }).map(([name, memory]) => [name, memory, "GOMEMLIMIT=192MiB"]),
  );
});

test("another image leaves the stand-ins as they are, and replaces whatever else it is for", () => {
  const kept = running(containers).filter(({ lifecycle }) => lifecycle?.ignore_changes.includes("image"));
  expect(new Set(kept.map(({ stack }) => stack))).toEqual(new Set(["workloads"]));
  expect(kept).toHaveLength(40);
});

test("only the gateway publishes ports, and only on loopback", () => {
  expect(containers.filter(({ ports }) => ports.length > 0).map(({ name }) => name)).toEqual(["consul-ui"]);
  expect(containers.flatMap(exposedPorts)).toEqual([]);
  expect(container("consul-ui").ports).toEqual([
    { internal: 8500, external: 8500, ip: "127.0.0.1" },
    { internal: 8501, external: 8501, ip: "127.0.0.1" },
  ]);
});

test("a port that is published on every address is noticed", () => {
  const open = { ...container("consul-ui"), ports: [{ internal: 8500, external: 8500, ip: "0.0.0.0" }] };
  expect(exposedPorts(open)).toEqual(["0.0.0.0:8500"]);
});

test("of the control plane only the shared agent stands in both networks", () => {
  const standsIn = (network: string) =>
    containers.filter(({ networks_advanced }) => networks_advanced.some(({ name }) => name === network));
  const control = standsIn("rollcall-control").map(({ name }) => name);
  expect(control.sort()).toEqual([
    "consul-agent-shared",
    "consul-monitor",
    "consul-registrar",
    "consul-server-1",
    "consul-server-2",
    "consul-server-3",
    "consul-ui",
  ]);
  const platformNetwork = standsIn("rollcall-platform");
  expect(platformNetwork.filter(({ name }) => control.includes(name)).map(({ name }) => name)).toEqual([
    "consul-agent-shared",
  ]);
  expect(platformNetwork).toHaveLength(1 + 40);
});

test("servers and agent stand at fixed addresses, and the servers share a name", () => {
  const placed = running(containers).flatMap(({ name, networks_advanced }) =>
    networks_advanced
      .filter(({ ipv4_address }) => ipv4_address !== undefined)
      .map(({ ipv4_address, aliases }) => [name, ipv4_address, ...aliases]),
  );
  expect(placed).toEqual([
    ["consul-server-1", "172.30.241.11", "consul-server-1", "staging-consul"],
    ["consul-server-2", "172.30.241.12", "consul-server-2", "staging-consul"],
    ["consul-server-3", "172.30.241.13", "consul-server-3", "staging-consul"],
    ["consul-agent-shared", "172.30.241.20", "consul-agent-shared"],
  ]);
});

test("whom Consul does not check has a healthcheck, and the apply waits for it", () => {
  const control = running(containers).filter(({ stack }) => stack !== "workloads");
  for (const { name, healthcheck, wait } of control)
    expect([name, healthcheck?.test[0], wait]).toEqual([name, "CMD", true]);
});

test("a server's healthcheck knows its own address and the others' names", () => {
  expect(container("consul-server-2").healthcheck?.test.slice(2)).toEqual([
    "/rollcall/config/take-anew.sh",
    "/rollcall/config/healthy.sh",
    "172.30.241.12",
    "consul-server-1",
    "consul-server-3",
  ]);
});

test("a carrier never runs, has no network and carries our labels", () => {
  for (const carrier of idle)
    expect(carrier).toMatchObject({
      start: false,
      must_run: false,
      network_mode: "none",
      ports: [],
      env: [],
      labels: [
        { label: "rollcall", value: carrier.stack },
        { label: "rollcall.instance", value: "test-0001" },
      ],
    });
  expect(carriers.map(({ name }) => name.replace(/-(config|secrets|servers)$/, ""))).toEqual(
    [
      "consul-server-1",
      "consul-server-2",
      "consul-server-3",
      "consul-ui",
      "consul-agent-shared",
      "consul-registrar",
      "consul-monitor",
    ].flatMap((name) => {
      if (name.startsWith("consul-server")) return [name, name, `${name}-tokens`];
      return name === "consul-ui" ? [name, name, name] : [name, name];
    }),
  );
});

test("the agent's Consul is a program of Consul's image, read-only in Nginx's, and there before anything starts", () => {
  const agent = container("consul-agent-shared");
  const [filler] = fillers;
  if (filler === undefined) throw new Error("nothing fills the volume");
  expect(fillers).toHaveLength(1);
  expect(filler).toMatchObject({
    image: expect.stringContaining("consul-image"),
    lifecycle: { create_before_destroy: true },
    volumes: [{ container_path: "/bin" }],
  });
  expect(agent.image).not.toBe(filler.image);
  expect(agent.volumes).toContainEqual({
    volume_name: filler.volumes[0]?.volume_name,
    container_path: "/rollcall/programs",
    read_only: true,
  });
  expect(agent.depends_on).toContain(filler.address);
  expect(agent.entrypoint).toContain("/rollcall/programs/consul");
});

/**
 * Carriers whose files a container reloads while it runs: all secrets but the tokens of a server, and what a gateway
 * knows of the servers.
 */
const isLiving = ({ name }: Container) => /(?<!-tokens)-(secrets|servers)$/.test(name);

test("every carrier's files reach one container, read-only, and a changed file replaces it unless the program reloads it", () => {
  for (const carrier of carriers) {
    const folder = carrier.volumes[0];
    const isRead = ({ lifecycle, depends_on }: Container) =>
      (isLiving(carrier) ? depends_on : (lifecycle?.replace_triggered_by ?? [])).includes(carrier.address);
    const readers = running(containers).filter((each) => each.stack === carrier.stack && isRead(each));
    expect(readers).toHaveLength(1);
    expect(readers[0]?.lifecycle?.replace_triggered_by.includes(carrier.address)).toBe(!isLiving(carrier));
    expect(readers[0]?.volumes).toContainEqual({ ...folder, read_only: true });
    for (const { file } of carrier.upload) expect(file).toMatch(new RegExp(`^${folder?.container_path}/[^/]+$`));
  }
});

test("what reloads its secrets looks for them in its health check, but for who reads them each time", () => {
  for (const carrier of carriers.filter(isLiving)) {
    const reader = running(containers).find(({ depends_on }) => depends_on.includes(carrier.address));
    const looks = reader?.healthcheck?.test.includes("/rollcall/config/take-anew.sh") === true;
    const readsEachTime = ["consul-registrar", "consul-monitor"].includes(reader?.name ?? "");
    expect([reader?.name, looks]).toEqual([reader?.name, !readsEachTime]);
  }
});

test("the registrar writes the definitions that the agent only reads", () => {
  const volumes = (name: string) =>
    container(name).volumes.filter(({ volume_name }) => /Definitions/.test(volume_name ?? ""));
  expect(volumes("consul-registrar")).toMatchObject([{ container_path: "/consul/config", read_only: false }]);
  expect(volumes("consul-agent-shared")).toMatchObject([
    { container_path: "/consul/config/services", read_only: true },
  ]);
});

test("every container's image is one of ours, by version", () => {
  for (const { image } of containers)
    expect(image).toMatch(/^\$\{docker_image\.(consul|nginx|node)-image\.image_id\}$/);
  const names = Object.values(platform.stacks).flatMap((stack) =>
    Object.values(resourcesOf(stack, "docker_image")).map(({ name }) => name),
  );
  for (const name of names) expect(name).toMatch(/^[a-z/]+:\d+\.\d+\.\d+(-alpine[\d.]*)?$/);
});

test("networks and volumes carry our labels as well", () => {
  for (const [name, stack] of Object.entries(platform.stacks))
    for (const type of ["docker_network", "docker_volume"])
      for (const resource of Object.values(resourcesOf(stack, type)))
        expect(resource.labels).toEqual([
          { label: "rollcall", value: name },
          { label: "rollcall.instance", value: "test-0001" },
        ]);
});

test("what keeps connections keeps little that nobody reads", () => {
  const sysctls = { "net.ipv4.tcp_rmem": "4096 16384 6291456" };
  for (const name of ["consul-ui", "consul-agent-shared"]) expect(container(name)).toMatchObject({ sysctls });
  expect(running(containers).filter((each) => Object.keys(each.sysctls).length > 0)).toHaveLength(2);
});
