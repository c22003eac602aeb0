import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { inFile, renderSettingsFile } from "../../lib/settings/settings-yaml.js";
import { allContainers, containersOf, running, weaknessesOf } from "./containers.js";
import { addressesOf, type Platform, resourcesOf, stackOf, synthPlatform } from "./synth-app.js";

/** For what does not depend on the 40 stand-ins: they take half of a synth's time. */
const WITHOUT_WORKLOADS = { ROLLCALL_WORKLOADS: "off" };

/** Another platform beside the one with the default settings. */
const BESIDE = {
  ROLLCALL_PREFIX: "t1-",
  ROLLCALL_CONTROL_SUBNET: "172.30.243.0/24",
  ROLLCALL_PLATFORM_SUBNET: "172.30.244.0/24",
  ROLLCALL_HTTP_PORT: "18500",
  ROLLCALL_HTTPS_PORT: "18501",
};

const platform = synthPlatform();
const beside = synthPlatform(BESIDE);

const network = z.object({
  name: z.string(),
  ipam_config: z.array(z.object({ subnet: z.string(), gateway: z.string(), ip_range: z.string() })),
});

const networksOf = ({ stacks }: Platform) =>
  Object.values(stacks)
    .flatMap((stack) => Object.values(resourcesOf(stack, "docker_network")))
    .map((resource) => network.parse(resource));

/** What a platform takes on a host: `container NAME`, `volume NAME`, `port NUMBER`, `subnet …`, … */
function takenBy(synthesized: Platform): readonly string[] {
  const containers = allContainers(synthesized);
  const volumes = Object.values(synthesized.stacks).flatMap((stack) =>
    Object.values(resourcesOf(stack, "docker_volume")).map(({ name }) => `volume ${name}`),
  );
  return [
    ...containers.map(({ name }) => `container ${name}`),
    ...volumes,
    ...containers.flatMap(({ ports }) => ports.map(({ external }) => `port ${external}`)),
    ...networksOf(synthesized).flatMap(({ name, ipam_config }) => [
      `network ${name}`,
      ...ipam_config.map(({ subnet }) => `subnet ${subnet}`),
    ]),
  ];
}

/** The visible configuration of a server. */
function serverConfigOf(synthesized: Platform, number: number): unknown {
  const containers = containersOf(stackOf(synthesized, `server-${number}`), `server-${number}`);
  const files = containers.flatMap(({ upload }) => upload);
  return JSON.parse(files.find(({ file }) => file.endsWith("/agent.json"))?.content ?? "");
}

test("nothing that a platform takes on the host is taken twice", () => {
  const taken = takenBy(platform);
  expect(taken.filter((each, index) => taken.indexOf(each) !== index)).toEqual([]);
});

test("two platforms with different prefix, subnets and ports share nothing on the host", () => {
  const other = new Set(takenBy(beside));
  expect(takenBy(platform).filter((each) => other.has(each))).toEqual([]);
  expect(other.size).toBe(takenBy(platform).length);
});

test("a second platform without a prefix of its own would be noticed", () => {
  const { ROLLCALL_PREFIX: _, ...rest } = BESIDE;
  const other = new Set(takenBy(synthPlatform({ ...WITHOUT_WORKLOADS, ...rest })));
  expect(takenBy(platform).filter((each) => other.has(each))).toContain("container consul-server-1");
});

describe("a settings file", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-synth-file-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The platform of a file that says this. */
  const fromFile = (name: string, text: string, env: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(folder, name), text);
    return synthPlatform({ ...env, ROLLCALL_CONFIG: join(folder, name) });
  };
  const besideFromFile = fromFile("beside.yaml", renderSettingsFile(inFile(BESIDE)));

  test("gives the stacks that the variables give, to the letter", () => {
    expect(Object.keys(besideFromFile.stacks)).toEqual(Object.keys(beside.stacks));
    for (const [name, { text }] of Object.entries(beside.stacks)) expect(stackOf(besideFromFile, name).text).toBe(text);
  });

  test("and a second one give two platforms that share nothing on the host", () => {
    const first = fromFile("first.yaml", `catalog: ${join(process.cwd(), "service-catalog")}\n`);
    const other = new Set(takenBy(besideFromFile));
    expect(takenBy(first).filter((each) => other.has(each))).toEqual([]);
  });

  test("is gone before by a variable, in one setting alone", () => {
    const servers = (platform: Platform) => Object.keys(platform.stacks).filter((name) => name.startsWith("server-"));
    const five = "consul: { servers: 5, datacenter: dc2 }\nservices: { workloads: false }\n";
    const three = fromFile("five.yaml", five, { ROLLCALL_SERVERS: "3" });
    expect(servers(three)).toHaveLength(3);
    expect(serverConfigOf(three, 1)).toMatchObject({ datacenter: "dc2", bootstrap_expect: 3 });
    expect(servers(fromFile("five.yaml", five))).toHaveLength(5);
  });
});

test("the prefix stands before each name on the host, and in no name within a network", () => {
  const named = takenBy(beside).filter((each) => /^(container|volume|network) /.test(each));
  expect(named.filter((each) => !/^\w+ t1-/.test(each))).toEqual([]);
  const within = running(allContainers(beside)).flatMap(({ hostname, networks_advanced }) => [
    hostname,
    ...networks_advanced.flatMap(({ aliases }) => aliases),
  ]);
  expect(within.filter((name) => name === undefined || name.startsWith("t1-"))).toEqual([]);
});

test("containers join the networks by the names that the foundation gives them", () => {
  for (const synthesized of [platform, beside]) {
    const names = networksOf(synthesized).map(({ name }) => name);
    const joined = allContainers(synthesized).flatMap(({ networks_advanced }) =>
      networks_advanced.map(({ name }) => name),
    );
    expect([...new Set(joined)].sort()).toEqual([...names].sort());
  }
});

test("the agent alone joins the networks where the real services run", () => {
  const joined = synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_NETWORKS: "staging-net" });
  const inside = running(allContainers(joined)).filter(({ networks_advanced }) =>
    networks_advanced.some(({ name }) => name === "staging-net"),
  );
  expect(inside.map(({ name }) => name)).toEqual(["consul-agent-shared"]);
});

describe("ROLLCALL_COEXIST=on", () => {
  const COEXIST = { ...WITHOUT_WORKLOADS, ROLLCALL_NETWORKS: "staging-net", ROLLCALL_COEXIST: "on" };
  const coexisting = synthPlatform(COEXIST);
  const without = synthPlatform({ ...COEXIST, ROLLCALL_COEXIST: "off" });
  const legacy = running(allContainers(coexisting)).find(({ name }) => name === "consul-legacy");

  test("adds one hardened container that answers to the servers' name in the services' network alone", () => {
    expect(legacy?.ports).toEqual([]);
    expect(legacy === undefined ? ["missing"] : weaknessesOf(legacy)).toEqual([]);
    expect(legacy?.networks_advanced).toEqual([
      expect.objectContaining({ name: "rollcall-control", aliases: [], ipv4_address: "172.30.241.22" }),
      expect.objectContaining({ name: "staging-net", aliases: ["staging-consul"] }),
    ]);
  });

  test("adds one token, which that container alone gets, in a file", () => {
    const tokens = (each: typeof coexisting) => Object.keys(resourcesOf(stackOf(each, "access"), "consul_acl_token"));
    expect(tokens(coexisting)).toHaveLength(tokens(without).length + 1);
    const readers = allContainers(coexisting).filter(({ upload }) =>
      upload.some(({ content }) => /legacy_Secret/.test(content)),
    );
    expect(readers.map(({ name }) => name)).toEqual(["consul-legacy-secrets"]);
  });

  test("off, there is neither, and everything else is the same", () => {
    expect(Object.values(without.stacks).filter(({ text }) => /consul-legacy/.test(text))).toEqual([]);
    for (const name of Object.keys(without.stacks).filter(
      (each) => !["access", "foundation", "monitor", "registry"].includes(each),
    ))
      expect(stackOf(coexisting, name).text).toBe(stackOf(without, name).text);
  });
});

describe("ROLLCALL_BACKUP_EVERY", () => {
  const EVERY = { ROLLCALL_BACKUP_RECIPIENT: "age1enzqqz2", ROLLCALL_BACKUP_EVERY: "6h" };
  const backing = synthPlatform(EVERY);
  const backup = running(allContainers(backing)).find(({ name }) => name === "consul-backup");

  test("adds one hardened container in the control plane, which publishes nothing", () => {
    expect(backup?.ports).toEqual([]);
    expect(backup === undefined ? ["missing"] : weaknessesOf(backup)).toEqual([]);
    expect(backup?.networks_advanced.map(({ aliases }) => aliases)).toEqual([["consul-backup"]]);
  });

  test("carries the program as one file, with the public key and never the token beside it", () => {
    const carrier = allContainers(backing).find(({ name }) => name === "consul-backup-config");
    expect(carrier?.upload.map(({ file }) => file).sort()).toEqual(
      ["backup.json", "backup.mjs"].map((file) => `/rollcall/config/${file}`),
    );
    const readers = allContainers(backing).filter(({ upload }) =>
      upload.some(({ content }) => /backup_Secret/.test(content)),
    );
    expect(readers.map(({ name }) => name)).toEqual(["consul-backup-secrets"]);
  });

  test("not set, there is neither container nor token, and everything else is the same", () => {
    const without = synthPlatform();
    expect(Object.values(without.stacks).filter(({ text }) => /consul-backup/.test(text))).toEqual([]);
    for (const name of Object.keys(without.stacks).filter(
      (each) => !["access", "foundation", "monitor", "registry"].includes(each),
    ))
      expect(stackOf(backing, name).text).toBe(stackOf(without, name).text);
  });
});

describe("ROLLCALL_MONITOR=off", () => {
  const without = synthPlatform({ ROLLCALL_MONITOR: "off" });

  test("leaves an empty stack, no token and no certificate of its own, and everything else is the same", () => {
    expect(addressesOf(stackOf(without, "monitor"))).toEqual([]);
    expect(Object.values(without.stacks).filter(({ text }) => /consul-monitor/.test(text))).toEqual([]);
    for (const name of Object.keys(without.stacks).filter(
      (each) => !["access", "foundation", "monitor"].includes(each),
    ))
      expect(stackOf(without, name).text).toBe(stackOf(platform, name).text);
  });
});

describe("ROLLCALL_MONITORING=on", () => {
  const watched = synthPlatform({ ROLLCALL_MONITORING: "on" });
  const containers = allContainers(watched).filter(({ stack }) => stack === "monitoring");
  const named = (name: string) => containers.find((each) => each.name === name);
  const networksOfPart = (name: string) =>
    named(name)
      ?.networks_advanced.map((each) => each.name)
      .sort();

  test("off, which is the default, leaves an empty stack and nothing of it elsewhere", () => {
    expect(addressesOf(stackOf(platform, "monitoring"))).toEqual([]);
    expect(Object.values(platform.stacks).filter(({ text }) => /consul-prometheus/.test(text))).toEqual([]);
  });

  test("adds a stack, a certificate, and what the gateway reads again: no container of another stack is another one", () => {
    const changed = Object.keys(platform.stacks).filter(
      (name) => stackOf(watched, name).text !== stackOf(platform, name).text,
    );
    expect(changed.sort()).toEqual(["access", "foundation", "gateway", "monitoring"]);
    const texts = (of: Platform) =>
      allContainers(of)
        .filter(({ stack, name }) => stack !== "monitoring" && name !== "consul-ui-servers")
        .map((each) => JSON.stringify(each));
    expect(texts(watched)).toEqual(texts(platform));
  });

  test("keeps every rule that containers keep, and publishes nothing", () => {
    expect(
      running(containers)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["consul-alertmanager", "consul-blackbox", "consul-prometheus"]);
    expect(running(containers).flatMap(weaknessesOf)).toEqual([]);
    expect(containers.flatMap(({ ports }) => ports)).toEqual([]);
  });

  test("nothing of it stands in the control network and in that of the services", () => {
    expect(networksOfPart("consul-prometheus")).toEqual(["rollcall-control", "rollcall-monitoring"]);
    expect(networksOfPart("consul-blackbox")).toEqual(["rollcall-monitoring", "rollcall-platform"]);
    expect(networksOfPart("consul-alertmanager")).toEqual(["rollcall-control"]);
  });

  test("what stands in the third network is made after it, and anew with it: it is of the same stack", () => {
    const made = Object.values(resourcesOf(stackOf(watched, "monitoring"), "docker_container"));
    const standing = z.object({
      name: z.string(),
      depends_on: z.array(z.string()).default([]),
      lifecycle: z.object({ replace_triggered_by: z.array(z.string()).default([]) }).optional(),
    });
    const after = made
      .map((each) => standing.parse(each))
      .filter(({ depends_on, lifecycle }) =>
        [depends_on, lifecycle?.replace_triggered_by].every((all) =>
          all?.some((one) => one.startsWith("docker_network.")),
        ),
      );
    expect(after.map(({ name }) => name).sort()).toEqual(["consul-blackbox", "consul-prometheus"]);
  });

  test("an slo needs a month of what Prometheus keeps", () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-synth-slo-"));
    const service = "x: { port: 1, address: h, slo: 99, check: { kind: tcp, interval: 10s, timeout: 5s } }";
    writeFileSync(join(folder, "a.yaml"), `team: t\nservices:\n  ${service}\n`);
    const env = { ROLLCALL_CATALOG: folder, ROLLCALL_MONITORING: "on", ROLLCALL_RETENTION_DAYS: "30" };
    expect(() => synthPlatform(env)).toThrow("ROLLCALL_RETENTION_DAYS is 30, and x has an slo");
    expect(() => synthPlatform({ ...env, ROLLCALL_RETENTION_DAYS: "31" })).not.toThrow();
    rmSync(folder, { recursive: true });
  });

  test("what asks services listens on its address in the third network alone", () => {
    expect(named("consul-blackbox")?.entrypoint).toContain("--web.listen-address=172.30.243.11:9115");
  });

  test("what receivers need in secret is read by Terraform when it applies: no synthesized file has it", () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-synth-receivers-"));
    writeFileSync(join(folder, "hook.url"), "http://hook.example/very-secret");
    writeFileSync(
      join(folder, "receivers.yaml"),
      "receivers: { hook: { webhook: { url_file: hook.url } } }\npage: [hook]\n",
    );
    const told = synthPlatform({
      ...WITHOUT_WORKLOADS,
      ...{ ROLLCALL_MONITORING: "on", ROLLCALL_RECEIVERS: join(folder, "receivers.yaml") },
    });
    rmSync(folder, { recursive: true });
    const { text } = stackOf(told, "monitoring");
    expect(text).not.toContain("very-secret");
    expect(text).toContain(`sensitive(file(\\"${folder}/hook.url\\"))`);
    expect(text).toContain("url_file: /rollcall/secrets/hook.webhook.url_file");
  });

  test("Prometheus keeps what the settings say", () => {
    const longer = synthPlatform({
      ...WITHOUT_WORKLOADS,
      ...{ ROLLCALL_MONITORING: "on", ROLLCALL_RETENTION_DAYS: "90", ROLLCALL_RETENTION_GB: "9" },
    });
    const flags = (of: Platform) =>
      allContainers(of)
        .find(({ name }) => name === "consul-prometheus")
        ?.entrypoint.filter((flag) => flag.includes("retention"));
    expect(flags(watched)).toEqual(["--storage.tsdb.retention.time=40d", "--storage.tsdb.retention.size=4GB"]);
    expect(flags(longer)).toEqual(["--storage.tsdb.retention.time=90d", "--storage.tsdb.retention.size=9GB"]);
  });
});

describe("the monitor", () => {
  const config = (synthesized: Platform) => {
    const carrier = containersOf(stackOf(synthesized, "monitor"), "monitor").find(({ name }) => /-config$/.test(name));
    const file = carrier?.upload.find(({ file }) => file === "/rollcall/config/monitor.json");
    return JSON.parse(file?.content ?? "");
  };

  test("must know nothing of a service that says nothing for those who watch it: one more changes nothing here", () => {
    expect(config(platform).facts).toEqual({ dynamic: [], coexist: false, services: {} });
    expect(stackOf(platform, "monitor").text).not.toContain("billing");
  });

  test("asks each server at its address, and the scheduled backup where there is one", () => {
    expect(config(platform).servers).toHaveLength(3);
    expect(config(platform).backup).toBeUndefined();
    const backing = synthPlatform({ ROLLCALL_BACKUP_RECIPIENT: "age1enzqqz2", ROLLCALL_BACKUP_EVERY: "6h" });
    expect(config(backing).backup).toBe("http://consul-backup:9180/metrics");
  });

  test("publishes nothing, and Terraform destroys its history only where it may", () => {
    const [container] = running(containersOf(stackOf(platform, "monitor"), "monitor"));
    expect(container?.ports).toEqual([]);
    const history = (synthesized: Platform) =>
      Object.values(resourcesOf(stackOf(synthesized, "monitor"), "docker_volume")).find(
        ({ name }) => name === "consul-monitor-data",
      );
    expect(history(platform)?.lifecycle).toEqual({ prevent_destroy: true });
    expect(history(synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_PROTECT: "off" }))?.lifecycle).toBeUndefined();
  });
});

test("Docker gives out the upper half of a network, the lower one is for fixed addresses", () => {
  expect(networksOf(beside)).toEqual([
    {
      name: "t1-rollcall-control",
      ipam_config: [{ subnet: "172.30.243.0/24", gateway: "172.30.243.1", ip_range: "172.30.243.128/25" }],
    },
    {
      name: "t1-rollcall-platform",
      ipam_config: [{ subnet: "172.30.244.0/24", gateway: "172.30.244.1", ip_range: "172.30.244.128/25" }],
    },
  ]);
});

test("the gateway's ports are the settings', and Terraform takes the same way", () => {
  const ports = allContainers(beside).flatMap((container) => container.ports);
  expect(ports).toEqual([
    { internal: 8500, external: 18500, ip: "127.0.0.1" },
    { internal: 8501, external: 18501, ip: "127.0.0.1" },
  ]);
  expect(stackOf(beside, "access").provider.consul).toMatchObject([{ address: "127.0.0.1:18501" }]);
});

test("ROLLCALL_WORKLOADS=off gives no stand-ins, and changes no other stack", () => {
  const without = synthPlatform(WITHOUT_WORKLOADS);
  expect(addressesOf(stackOf(without, "workloads"))).toEqual([]);
  for (const [name, { text }] of Object.entries(platform.stacks))
    if (name !== "workloads") expect(stackOf(without, name).text).toBe(text);
});

test.each([
  ["1", 1],
  ["5", 5],
])("ROLLCALL_SERVERS=%s gives as many servers, each expecting as many", (setting, servers) => {
  const synthesized = synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_SERVERS: setting });
  const names = Object.keys(synthesized.stacks).filter((name) => name.startsWith("server-"));
  expect(names).toEqual(Array.from({ length: servers }, (_, index) => `server-${index + 1}`));
  for (let number = 1; number <= servers; number++)
    expect(serverConfigOf(synthesized, number)).toMatchObject({
      node_name: `consul-server-${number}`,
      bootstrap_expect: servers,
      autopilot: { min_quorum: servers },
    });
  expect(stackOf(synthesized, "gateway").dependencies).toEqual(expect.arrayContaining(names));
});

test("ROLLCALL_CONSUL_VERSION changes the image of servers and agent, and nothing else", () => {
  const older = synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_CONSUL_VERSION: "1.22.3" });
  const present = synthPlatform(WITHOUT_WORKLOADS);
  const changed = Object.entries(present.stacks).filter(([name, { text }]) => stackOf(older, name).text !== text);
  expect(changed.map(([name]) => name).sort()).toEqual(["registry", "server-1", "server-2", "server-3"]);
  for (const [name, { text }] of changed)
    expect(stackOf(older, name).text).toBe(text.replaceAll("consul:1.22.5", "consul:1.22.3"));
});

test("the gateway is called by what Docker calls it, and by what ROLLCALL_HTTP_HOSTS names", () => {
  const named = synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_HTTP_HOSTS: "consul.example.com" });
  expect(stackOf(beside, "gateway").text).toContain("    t1-consul-ui.t1-rollcall-control yes;");
  expect(stackOf(beside, "gateway").text).not.toContain("consul.example.com");
  expect(stackOf(named, "gateway").text).toContain("    consul.example.com yes;");
});

test("datacenter and raft multiplier reach servers, certificates and Terraform's provider", () => {
  const renamed = synthPlatform({
    ...WITHOUT_WORKLOADS,
    ROLLCALL_DATACENTER: "ish-chat-dc1",
    ROLLCALL_RAFT_MULTIPLIER: "5",
  });
  expect(serverConfigOf(renamed, 1)).toMatchObject({
    datacenter: "ish-chat-dc1",
    performance: { raft_multiplier: 5 },
  });
  expect(stackOf(renamed, "foundation").text).toContain("server.ish-chat-dc1.consul");
  expect(stackOf(renamed, "gateway").text).toContain("proxy_ssl_name server.ish-chat-dc1.consul;");
  expect(stackOf(renamed, "registry").provider.consul).toMatchObject([{ datacenter: "ish-chat-dc1" }]);
});

test.each([
  ["official", ["hashicorp/consul:1.22.5", "nginx:1.28.3-alpine", "node:22.23.3-alpine3.24"]],
  ["built", ["rollcall/consul:1.22.5", "rollcall/nginx:debian-1", "rollcall/node:22.23.3"]],
])("with ROLLCALL_IMAGES=%s the images are %j", (source, images) => {
  const { stacks } = synthPlatform({ ...WITHOUT_WORKLOADS, ROLLCALL_IMAGES: source });
  const names = Object.values(stacks).flatMap((stack) =>
    Object.values(resourcesOf(stack, "docker_image")).map(({ name }) => name),
  );
  expect([...new Set(names)].sort()).toEqual(images);
});
