import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../../../lib/settings.js";
import { UserError } from "../../../../lib/user-error.js";

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-settings-")));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The settings under these variables, with the state in a temporary folder. */
function settingsWith(env: Readonly<Record<string, string>> = {}) {
  return readSettings({ ROLLCALL_CONFIG: "none", ROLLCALL_STATE: join(folder, "state"), ...env });
}

/** Message and remedy of the refusal that these variables get. */
function refusalOf(env: Readonly<Record<string, string>>): readonly [string, string] {
  try {
    settingsWith(env);
  } catch (error) {
    if (error instanceof UserError) return [error.message, error.remedy];
    throw error;
  }
  throw new Error("nothing was refused");
}

test("with no variable set, everything is as the design says", () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect(readSettings({})).toEqual({
      instance: expect.stringMatching(/^rollcall-settings-.+-[0-9a-f]{4}$/),
      prefix: "",
      consulVersion: "1.22.5",
      datacenter: "dc1",
      cpuLimitPercent: 90,
      memoryLimitPercent: 90,
      diskLimitPercent: 90,
      servers: 3,
      serversSet: false,
      catalogFolder: "service-catalog",
      controlSubnet: "172.30.241.0/24",
      platformSubnet: "172.30.242.0/24",
      httpPort: 8500,
      httpsPort: 8501,
      httpHosts: [],
      workloads: true,
      protect: true,
      allow: [],
      networks: [],
      coexist: false,
      monitor: true,
      monitoring: false,
      monitoringSubnet: "172.30.243.0/24",
      retentionDays: 40,
      retentionGigabytes: 4,
      receivers: undefined,
      raftMultiplier: 1,
      images: undefined,
      providers: undefined,
      engine: "auto",
      terraform: "terraform",
      backend: "local",
      stateFolder: join(folder, "state"),
      outdir: join(folder, "cdktf.out"),
      backupFolder: join(folder, "backups"),
      backupRecipients: [],
      backupIdentity: undefined,
      backupKeep: 30,
      backupEverySeconds: undefined,
      cacheFolder: join(homedir(), ".cache", "rollcall"),
    });
  } finally {
    process.chdir(before);
  }
});

test("without an argument, it is the process's own environment that is read", () => {
  const before = process.env.ROLLCALL_STATE;
  process.env.ROLLCALL_STATE = join(folder, "own");
  try {
    expect(readSettings().stateFolder).toBe(join(folder, "own"));
  } finally {
    if (before === undefined) delete process.env.ROLLCALL_STATE;
    else process.env.ROLLCALL_STATE = before;
  }
});

test.each([
  ["ROLLCALL_PREFIX", "t1-", "prefix", "t1-"],
  ["ROLLCALL_PREFIX", "abcdefghijklmnop-", "prefix", "abcdefghijklmnop-"],
  ["ROLLCALL_DATACENTER", "ish-chat-dc1", "datacenter", "ish-chat-dc1"],
  ["ROLLCALL_SERVERS", "1", "servers", 1],
  ["ROLLCALL_SERVERS", "5", "servers", 5],
  ["ROLLCALL_SERVERS", "3", "serversSet", true],
  ["ROLLCALL_SERVERS", "", "serversSet", false],
  ["ROLLCALL_CONSUL_VERSION", "1.22.3", "consulVersion", "1.22.3"],
  ["ROLLCALL_CONSUL_VERSION", "", "consulVersion", "1.22.5"],
  ["ROLLCALL_CATALOG", "/srv/catalog", "catalogFolder", "/srv/catalog"],
  ["ROLLCALL_CONTROL_SUBNET", "10.0.0.0/24", "controlSubnet", "10.0.0.0/24"],
  ["ROLLCALL_PLATFORM_SUBNET", "192.168.255.0/24", "platformSubnet", "192.168.255.0/24"],
  ["ROLLCALL_HTTP_PORT", "1", "httpPort", 1],
  ["ROLLCALL_HTTPS_PORT", "65535", "httpsPort", 65535],
  [
    "ROLLCALL_HTTP_HOSTS",
    "Consul.example.com,10.0.0.5,consul.EXAMPLE.com",
    "httpHosts",
    ["consul.example.com", "10.0.0.5"],
  ],
  ["ROLLCALL_HTTP_HOSTS", "2001:DB8:0:0::1,[::1],host_1", "httpHosts", ["[2001:db8::1]", "[::1]", "host_1"]],
  ["ROLLCALL_HTTP_HOSTS", "none", "httpHosts", []],
  ["ROLLCALL_WORKLOADS", "off", "workloads", false],
  ["ROLLCALL_MONITOR", "off", "monitor", false],
  ["ROLLCALL_MONITORING", "on", "monitoring", true],
  ["ROLLCALL_MONITORING_SUBNET", "10.0.2.0/24", "monitoringSubnet", "10.0.2.0/24"],
  ["ROLLCALL_RETENTION_DAYS", "90", "retentionDays", 90],
  ["ROLLCALL_RECEIVERS", "none", "receivers", undefined],
  ["ROLLCALL_RETENTION_GB", "10", "retentionGigabytes", 10],
  ["ROLLCALL_PROTECT", "off", "protect", false],
  ["ROLLCALL_ALLOW", "ca,removed-service", "allow", ["ca", "removed-service"]],
  ["ROLLCALL_BACKEND", "pg", "backend", "pg"],
  ["ROLLCALL_NETWORKS", "staging_net,b.c-d", "networks", ["staging_net", "b.c-d"]],
  ["ROLLCALL_WORKLOADS", "on", "workloads", true],
  ["ROLLCALL_RAFT_MULTIPLIER", "10", "raftMultiplier", 10],
  ["ROLLCALL_IMAGES", "built", "images", "built"],
  ["ROLLCALL_IMAGES", "official", "images", "official"],
  ["ROLLCALL_PROVIDERS", "mirror", "providers", "mirror"],
  ["ROLLCALL_PROVIDERS", "registry", "providers", "registry"],
  ["ROLLCALL_ENGINE", "never", "engine", "never"],
  ["ROLLCALL_TERRAFORM", "tofu", "terraform", "tofu"],
  ["CDKTF_OUTDIR", "/tmp/out", "outdir", "/tmp/out"],
  ["XDG_CACHE_HOME", "/var/cache", "cacheFolder", "/var/cache/rollcall"],
] as const)("%s=%s is taken", (variable, value, setting, expected) => {
  expect(settingsWith({ [variable]: value })[setting]).toEqual(expected);
});

const HOST_NAMES =
  "host names or addresses in a list with commas, none with a scheme, a port or a path, such as consul.example.com; or none alone";
const NETWORK_NAMES =
  "names of Docker networks in a list with commas, each once, or none alone; Docker's own (bridge, host) have no names in DNS";

test.each([
  ["ROLLCALL_PREFIX", "t1", "lower-case letters, digits and a final -, such as two-, or none"],
  ["ROLLCALL_PREFIX", "T1-", "lower-case letters, digits and a final -, such as two-, or none"],
  ["ROLLCALL_PREFIX", "abcdefghijklmnopq-", "lower-case letters, digits and a final -, such as two-, or none"],
  ["ROLLCALL_DATACENTER", "DC1", "a name like dc1"],
  ["ROLLCALL_DATACENTER", "dc 1", "a name like dc1"],
  ["ROLLCALL_SERVERS", "2", "1 or 3 or 5"],
  ["ROLLCALL_SERVERS", "three", "1 or 3 or 5"],
  ["ROLLCALL_CONSUL_VERSION", "1.17.0", "1.22.5 or 1.22.3"],
  ["ROLLCALL_CONTROL_SUBNET", "172.30.241.0/16", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_CONTROL_SUBNET", "172.30.241.1/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_PLATFORM_SUBNET", "172.300.241.0/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_PLATFORM_SUBNET", "platform", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_CONTROL_SUBNET", "127.0.0.0/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_CONTROL_SUBNET", "0.0.0.0/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_CONTROL_SUBNET", "224.0.0.0/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_CONTROL_SUBNET", "169.254.1.0/24", "a /24 like 172.30.241.0/24"],
  ["ROLLCALL_HTTP_PORT", "0", "a whole number from 1 to 65535"],
  ["ROLLCALL_HTTP_PORT", "65536", "a whole number from 1 to 65535"],
  ["ROLLCALL_HTTPS_PORT", "85.01", "a whole number from 1 to 65535"],
  ["ROLLCALL_HTTPS_PORT", "0x50", "a whole number from 1 to 65535"],
  ["ROLLCALL_WORKLOADS", "false", "on or off"],
  ["ROLLCALL_RAFT_MULTIPLIER", "11", "a whole number from 1 to 10"],
  ["ROLLCALL_RAFT_MULTIPLIER", "-1", "a whole number from 1 to 10"],
  ["ROLLCALL_BACKEND", "s3", "local or pg"],
  ["ROLLCALL_NETWORKS", "b c", NETWORK_NAMES],
  ["ROLLCALL_NETWORKS", "a,a", NETWORK_NAMES],
  ["ROLLCALL_NETWORKS", "bridge", NETWORK_NAMES],
  ["ROLLCALL_NETWORKS", "host", NETWORK_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "consul.example.com:8500", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "https://consul.example.com", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "*.example.com", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "a b", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "a;}", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "[a]", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "fe80::1%eth0", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "a..b", HOST_NAMES],
  ["ROLLCALL_HTTP_HOSTS", "-a", HOST_NAMES],
  ["ROLLCALL_IMAGES", "offical", "official or built"],
  ["ROLLCALL_PROVIDERS", "local", "registry or mirror"],
  ["ROLLCALL_ENGINE", "no", "auto or never"],
] as const)("%s=%s is refused by name and value, with what it takes", (variable, value, takes) => {
  expect(refusalOf({ [variable]: value })).toEqual([`${variable} is "${value}"`, `It takes ${takes}.`]);
});

test.each([
  ["ROLLCALL_HTTP_HOSTS", "a,none"],
  ["ROLLCALL_HTTP_HOSTS", "good.example.com,bad/x"],
  ["ROLLCALL_NETWORKS", "a,none"],
  ["ROLLCALL_ALLOW", "ca,all"],
])("of a list, %s=%s, the wrong item is named", (variable, list) => {
  expect(refusalOf({ [variable]: list })[0]).toBe(`${variable} is "${list.split(",")[1]}"`);
});

test("old services may only register themselves where a network of theirs is named", () => {
  expect(refusalOf({ ROLLCALL_COEXIST: "on" })).toEqual([
    "ROLLCALL_COEXIST is on, but ROLLCALL_NETWORKS names no network",
    "Name the Docker networks on which the services that register themselves run.",
  ]);
  expect(settingsWith({ ROLLCALL_COEXIST: "on", ROLLCALL_NETWORKS: "staging" }).coexist).toBe(true);
});

test("with a state that others reach, a platform is called the same in every clone, by its prefix", () => {
  const shared = (prefix: string) => settingsWith({ ROLLCALL_BACKEND: "pg", ROLLCALL_PREFIX: prefix }).instance;
  expect([shared(""), shared("two-")]).toEqual(["rollcall", "rollcall-two"]);
});

test("the two networks cannot have one subnet", () => {
  expect(refusalOf({ ROLLCALL_CONTROL_SUBNET: "172.30.242.0/24" })).toEqual([
    "ROLLCALL_CONTROL_SUBNET and ROLLCALL_PLATFORM_SUBNET are both 172.30.242.0/24",
    "Give each network a /24 of its own.",
  ]);
});

test("with monitoring the third network cannot have their subnets either, and without it is not there", () => {
  const taken = { ROLLCALL_MONITORING_SUBNET: "172.30.242.0/24" };
  expect(refusalOf({ ...taken, ROLLCALL_MONITORING: "on" })).toEqual([
    "ROLLCALL_MONITORING_SUBNET and ROLLCALL_PLATFORM_SUBNET are both 172.30.242.0/24",
    "Give each network a /24 of its own.",
  ]);
  expect(settingsWith(taken).monitoring).toBe(false);
});

test("receivers of alerts need somebody who tells them", () => {
  expect(refusalOf({ ROLLCALL_RECEIVERS: "receivers.yaml" })).toEqual([
    "ROLLCALL_RECEIVERS names whom alerts reach, but ROLLCALL_MONITORING is off",
    "Switch monitoring on, or take the receivers out: without it nobody is told.",
  ]);
  const { receivers } = settingsWith({ ROLLCALL_RECEIVERS: "receivers.yaml", ROLLCALL_MONITORING: "on" });
  expect(receivers).toBe("receivers.yaml");
});

test("Prometheus needs the monitor", () => {
  expect(refusalOf({ ROLLCALL_MONITORING: "on", ROLLCALL_MONITOR: "off" })).toEqual([
    "ROLLCALL_MONITORING is on, but ROLLCALL_MONITOR is off",
    "Prometheus has what it knows of services from the monitor: switch it on, or Prometheus off.",
  ]);
});

test("the gateway's two ports cannot be one", () => {
  expect(refusalOf({ ROLLCALL_HTTP_PORT: "8501" })).toEqual([
    "ROLLCALL_HTTP_PORT and ROLLCALL_HTTPS_PORT are both 8501",
    "Give each a port of its own.",
  ]);
});

test("an empty variable counts as not set", () => {
  const empty = Object.fromEntries(
    ["SERVERS", "PREFIX", "IMAGES", "ENGINE", "HTTP_PORT", "CONTROL_SUBNET"].map((name) => [`ROLLCALL_${name}`, ""]),
  );
  expect(settingsWith(empty)).toEqual(settingsWith());
});

test("state and output have absolute paths, wherever a verb is started", () => {
  const { stateFolder, outdir } = settingsWith({ ROLLCALL_STATE: join(folder, "a", "..", "b"), CDKTF_OUTDIR: "out" });
  expect([stateFolder, outdir]).toEqual([join(folder, "b"), join(process.cwd(), "out")]);
});

test("the instance is the one whose state it is, and the same each time", () => {
  const { instance } = settingsWith({ ROLLCALL_STATE: join(folder, "other", "state") });
  expect(instance).toMatch(/^other-[0-9a-f]{4}$/);
  expect(settingsWith({ ROLLCALL_STATE: join(folder, "other", "state") }).instance).toBe(instance);
  expect(existsSync(join(folder, "other", "state", "instance"))).toBe(true);
});

test("nobody can change the settings later", () => {
  expect(Object.isFrozen(settingsWith())).toBe(true);
});

test("a backup's recipients are public age keys; a secret one is refused without being shown", () => {
  const recipients = "age1enzqqz2sdpzadlp9p2fkjx9q475tkuk0rhzpcw27fahnwaklduks7w2lf8,age1two";
  expect(settingsWith({ ROLLCALL_BACKUP_RECIPIENT: recipients }).backupRecipients).toEqual(recipients.split(","));
  expect(refusalOf({ ROLLCALL_BACKUP_RECIPIENT: "me@example.org" })).toEqual([
    'ROLLCALL_BACKUP_RECIPIENT is "me@example.org"',
    "It takes public age keys (age1…) in a list with commas, or none.",
  ]);
  expect(refusalOf({ ROLLCALL_BACKUP_RECIPIENT: "AGE-SECRET-KEY-1GEHEIM" }).join()).not.toContain("GEHEIM");
});

test("a scheduled backup needs an interval that is one, and a recipient", () => {
  const recipient = { ROLLCALL_BACKUP_RECIPIENT: "age1enzqqz2" };
  const seconds = (every: string) => settingsWith({ ...recipient, ROLLCALL_BACKUP_EVERY: every }).backupEverySeconds;
  expect(["30m", "6h", "1d"].map(seconds)).toEqual([1800, 21_600, 86_400]);
  expect(refusalOf({ ...recipient, ROLLCALL_BACKUP_EVERY: "hourly" })[1]).toBe(
    "It takes minutes, hours or days, such as 30m, 6h or 1d, or off.",
  );
  expect(refusalOf({ ROLLCALL_BACKUP_EVERY: "6h" })[0]).toContain("ROLLCALL_BACKUP_RECIPIENT is not");
});
