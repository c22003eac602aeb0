import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { givenVariables, readCatalogFolder, readSettings } from "../../../../lib/settings.js";
import { UserError } from "../../../../lib/user-error.js";

const before = process.cwd();
let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "rollcall-file-")));
  process.chdir(project);
});
afterEach(() => {
  process.chdir(before);
  rmSync(project, { recursive: true });
});

type Env = Readonly<Record<string, string>>;

function write(text: string, file = "rollcall.yaml"): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Message and remedy with which these settings are refused. */
function refusalOf(text: string, env: Env = {}): readonly [string, string] {
  write(text);
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof UserError) return [error.message, error.remedy];
    throw error;
  }
  throw new Error("nothing was refused");
}

const ALL = `
catalog: teams
consul: { version: 1.22.3, datacenter: dc2, servers: 5, raft_multiplier: 5 }
docker: { prefix: two-, control_subnet: 10.0.0.0/24, platform_subnet: 10.0.1.0/24, images: built }
ports: { http: 8600, https: 8601 }
gateway: { hosts: [Consul.example.com] }
services: { workloads: false, networks: [one, two], coexist: true }
terraform: { program: tofu, providers: mirror }
state: { backend: local, folder: own/state }
backup: { folder: /backups, recipients: [age1one, age1two], every: 6h, keep: 7 }
`;

test("every setting of a file is taken", () => {
  write(ALL);
  expect(readSettings({})).toMatchObject({
    ...{ catalogFolder: "teams", consulVersion: "1.22.3", datacenter: "dc2", servers: 5, raftMultiplier: 5 },
    ...{ prefix: "two-", controlSubnet: "10.0.0.0/24", platformSubnet: "10.0.1.0/24", images: "built" },
    ...{ httpPort: 8600, httpsPort: 8601, httpHosts: ["consul.example.com"] },
    ...{ workloads: false, networks: ["one", "two"], coexist: true, terraform: "tofu", providers: "mirror" },
    ...{ backend: "local", stateFolder: join(project, "own", "state"), backupFolder: "/backups", backupKeep: 7 },
    ...{ backupRecipients: ["age1one", "age1two"], backupEverySeconds: 21_600, serversSet: true },
  });
});

test("the environment goes before the file, and the file before the default", () => {
  write("ports: { http: 8600 }\nconsul: { servers: 5 }\n");
  const { httpPort, httpsPort, servers, serversSet } = readSettings({ ROLLCALL_HTTP_PORT: "8700" });
  expect([httpPort, httpsPort, servers, serversSet]).toEqual([8700, 8501, 5, true]);
  expect(readSettings({ ROLLCALL_HTTP_PORT: "" }).httpPort).toBe(8600);
});

test("the recorded variables are those of the environment and of the file alike, in the variables' words", () => {
  write(`${ALL.replace("coexist: true", "coexist: false")}`);
  expect(givenVariables({ ROLLCALL_SERVERS: "1" })).toEqual({
    ...{ ROLLCALL_CATALOG: "teams", ROLLCALL_CONSUL_VERSION: "1.22.3", ROLLCALL_DATACENTER: "dc2" },
    ...{ ROLLCALL_SERVERS: "1", ROLLCALL_RAFT_MULTIPLIER: "5", ROLLCALL_PREFIX: "two-" },
    ...{ ROLLCALL_CONTROL_SUBNET: "10.0.0.0/24", ROLLCALL_PLATFORM_SUBNET: "10.0.1.0/24" },
    ...{ ROLLCALL_HTTP_PORT: "8600", ROLLCALL_HTTPS_PORT: "8601", ROLLCALL_HTTP_HOSTS: "Consul.example.com" },
    ...{ ROLLCALL_WORKLOADS: "off", ROLLCALL_NETWORKS: "one,two", ROLLCALL_COEXIST: "off" },
    ...{ ROLLCALL_BACKUP_RECIPIENT: "age1one,age1two", ROLLCALL_BACKUP_EVERY: "6h", ROLLCALL_BACKUP_KEEP: "7" },
  });
});

test("empty lists and texts of a file are what the variables call none", () => {
  write('docker: { prefix: "" }\nservices: { networks: [] }\n');
  expect(givenVariables({})).toEqual({ ROLLCALL_PREFIX: "none", ROLLCALL_NETWORKS: "none" });
});

test.each(["", "# nothing yet\n", "consul:\n  # servers: 5\nports:\n"])(
  "a file without a setting is one: %j",
  (text) => {
    write(text);
    expect(readSettings({}).servers).toBe(3);
  },
);

test("on and off are taken as true and false are", () => {
  write("services: { workloads: off }\n");
  expect(readSettings({}).workloads).toBe(false);
});

test("paths are relative to the file, and shown from the project", () => {
  write("catalog: ../teams\nstate: { folder: state }\nterraform: { program: ./tofu }\n", "sites/a/staging.yaml");
  const { catalogFolder, stateFolder, terraform } = readSettings({ ROLLCALL_CONFIG: "sites/a/staging.yaml" });
  expect([catalogFolder, stateFolder]).toEqual(["sites/teams", join(project, "sites", "a", "state")]);
  expect(terraform).toBe(join(project, "sites", "a", "tofu"));
});

test("a path in a variable is relative to the project, whatever the file", () => {
  write("state: { folder: state }\n", "sites/staging.yaml");
  const env = { ROLLCALL_CONFIG: "sites/staging.yaml", ROLLCALL_CATALOG: "teams", ROLLCALL_BACKUPS: "b" };
  expect([readSettings(env).catalogFolder, readSettings(env).backupFolder]).toEqual(["teams", join(project, "b")]);
});

test("two files give two platforms: state, stacks and name are different", () => {
  write("consul: { servers: 3 }\n");
  write("state: { folder: staging/state }\ndocker: { prefix: staging- }\n", "staging.yaml");
  const [one, other] = [readSettings({}), readSettings({ ROLLCALL_CONFIG: join(project, "staging.yaml") })];
  expect([one.stateFolder, one.outdir]).toEqual([join(project, "state"), join(project, "cdktf.out")]);
  expect([other.stateFolder, other.outdir]).toEqual([
    join(project, "staging", "state"),
    join(project, "staging", "cdktf.out", "state"),
  ]);
  expect(other.instance).toMatch(/^staging-/);
  expect(readSettings({ ROLLCALL_CONFIG: "staging.yaml", CDKTF_OUTDIR: "out" }).outdir).toBe(join(project, "out"));
});

test("a second file that says no state folder is refused, and a variable that does is enough", () => {
  write("docker: { prefix: staging- }\n", "staging.yaml");
  expect(() => readSettings({ ROLLCALL_CONFIG: "staging.yaml" })).toThrow(
    "staging.yaml says no state.folder, and the default one is the folder of the platform of rollcall.yaml",
  );
  const env = { ROLLCALL_CONFIG: "staging.yaml", ROLLCALL_STATE: "own" };
  expect(readSettings(env).stateFolder).toBe(join(project, "own"));
});

test("none reads no file, and the project's own file may be named", () => {
  write("consul: { servers: 5 }\n");
  expect(readSettings({ ROLLCALL_CONFIG: "none" }).servers).toBe(3);
  expect(readSettings({ ROLLCALL_CONFIG: "./rollcall.yaml" }).servers).toBe(5);
});

test("the catalog's folder alone is read from the file too, and makes no state folder", () => {
  write("catalog: teams\n");
  expect(readCatalogFolder({})).toBe("teams");
});

const WHOLE = (min: number, max: number) => `It takes a whole number from ${min} to ${max}.`;
const MEMBERS = "The settings here are version, datacenter, servers, raft_multiplier.";

/** Of a mistake in the file: the file, what is said, and what to do. */
const MISTAKES: readonly (readonly [string, string, string])[] = [
  ["ports: { http: x }", 'rollcall.yaml:1:16: ports.http is "x"', WHOLE(1, 65535)],
  ["ports:\n  http: 0\n", "rollcall.yaml:2:9: ports.http is 0", WHOLE(1, 65535)],
  ["ports:\n  http: 8500.5\n", "rollcall.yaml:2:9: ports.http is 8500.5", WHOLE(1, 65535)],
  ['ports:\n  http: "8500"\n', 'rollcall.yaml:2:9: ports.http is "8500"', WHOLE(1, 65535)],
  ["ports:\n  http:\n", "rollcall.yaml:2:3: ports.http is empty", WHOLE(1, 65535)],
  ["ports: 8500\n", "rollcall.yaml:1:8: ports is 8500", "It takes http, https."],
  ["ports: [http]\n", 'rollcall.yaml:1:8: ports is "http"', "It takes http, https."],
  [
    "ports.http: 8600\n",
    "rollcall.yaml:1:1: ports.http is no setting",
    'Write it in two lines, "ports:" and indented below it "http:".',
  ],
  ["consul:\n  servers: 2\n", "rollcall.yaml:2:12: consul.servers is 2", "It takes 1 or 3 or 5."],
  ["consul:\n  servers: three\n", 'rollcall.yaml:2:12: consul.servers is "three"', "It takes 1 or 3 or 5."],
  ["consul:\n  version: 1.17\n", "rollcall.yaml:2:12: consul.version is 1.17", "It takes 1.22.5 or 1.22.3."],
  ["consul:\n  datacenter: DC 1\n", 'rollcall.yaml:2:15: consul.datacenter is "DC 1"', "It takes a name like dc1."],
  ["consul:\n  raft_multiplier: 11\n", "rollcall.yaml:2:20: consul.raft_multiplier is 11", WHOLE(1, 10)],
  ["consul:\n  server: 3\n", "rollcall.yaml:2:3: consul.server is no setting", "Did you mean consul.servers?"],
  ["consul:\n  zzz: 3\n", "rollcall.yaml:2:3: consul.zzz is no setting", MEMBERS],
  ["consol:\n  servers: 3\n", "rollcall.yaml:1:1: consol is no setting", "Did you mean consul?"],
  ["servers: 3\n", "rollcall.yaml:1:1: servers is no setting", "Did you mean consul.servers?"],
  ["ROLLCALL_HTTP_PORT: 3\n", "rollcall.yaml:1:1: ROLLCALL_HTTP_PORT is no setting", "Did you mean ports.http?"],
  ["http_port: 3\n", "rollcall.yaml:1:1: http_port is no setting", "Did you mean ports.http?"],
  [
    "ports:\n  http: 1\n  http: 2\n",
    "rollcall.yaml:3:3: http is given twice, first on line 2",
    "Remove or rename one of them.",
  ],
  [
    "ports:\n  http: 1\nports:\n  https: 2\n",
    "rollcall.yaml:3:1: ports is given twice, first on line 1",
    "Remove or rename one of them.",
  ],
  [
    "docker:\n  prefix: two\n",
    'rollcall.yaml:2:11: docker.prefix is "two"',
    "It takes lower-case letters, digits and a final -, such as two-, or none.",
  ],
  [
    "docker:\n  control_subnet: 127.0.0.0/24\n",
    'rollcall.yaml:2:19: docker.control_subnet is "127.0.0.0/24"',
    "It takes a /24 like 172.30.241.0/24.",
  ],
  ["docker:\n  images: offical\n", 'rollcall.yaml:2:11: docker.images is "offical"', "It takes official or built."],
  [
    "services:\n  networks: one,two\n",
    'rollcall.yaml:2:13: services.networks is "one,two"',
    "It takes a list of names of Docker networks, each once; Docker's own (bridge, host) have no names in DNS.",
  ],
  [
    "services:\n  networks:\n    - one\n    - bridge\n",
    'rollcall.yaml:4:7: services.networks is "bridge"',
    "It takes a list of names of Docker networks, each once; Docker's own (bridge, host) have no names in DNS.",
  ],
  ["services:\n  workloads: no\n", 'rollcall.yaml:2:14: services.workloads is "no"', "It takes true or false."],
  [
    "gateway:\n  hosts: [a, b:80]\n",
    'rollcall.yaml:2:14: gateway.hosts is "b:80"',
    "It takes a list of host names or addresses, none with a scheme, a port or a path, such as consul.example.com.",
  ],
  ["state:\n  backend: s3\n", 'rollcall.yaml:2:12: state.backend is "s3"', "It takes local or pg."],
  ['state:\n  folder: ""\n', 'rollcall.yaml:2:11: state.folder is ""', "It takes the path of a folder."],
  [
    "backup:\n  every: hourly\n",
    'rollcall.yaml:2:10: backup.every is "hourly"',
    "It takes minutes, hours or days, such as 30m, 6h or 1d, or off.",
  ],
  [
    "backup:\n  recipients: [AGE-SECRET-KEY-1GEHEIM]\n",
    "rollcall.yaml:2:16: backup.recipients is a secret key",
    "It takes a list of public age keys (age1…).",
  ],
  [
    "backup:\n  recipients: [me]\n",
    'rollcall.yaml:2:16: backup.recipients is "me"',
    "It takes a list of public age keys (age1…).",
  ],
  [
    "backup: AGE-SECRET-KEY-1GEHEIM\n",
    "rollcall.yaml:1:9: backup is a secret key",
    "It takes folder, every, recipients, keep.",
  ],
  [
    "allow: [ca]\n",
    "rollcall.yaml:1:1: allow belongs to one run and is no setting of a file",
    "Remove it here, and set the variable ROLLCALL_ALLOW.",
  ],
  [
    "protect: false\n",
    "rollcall.yaml:1:1: protect belongs to one run and is no setting of a file",
    "Remove it here, and set the variable ROLLCALL_PROTECT.",
  ],
  [
    "backup:\n  identity: key\n",
    "rollcall.yaml:2:3: backup.identity belongs to one machine and is no setting of a file",
    "Remove it here, and set the variable ROLLCALL_BACKUP_IDENTITY.",
  ],
  [
    "docker:\n  engine: never\n",
    "rollcall.yaml:2:3: docker.engine belongs to one machine and is no setting of a file",
    "Remove it here, and set the variable ROLLCALL_ENGINE.",
  ],
  [
    "docker:\n  host: tcp://x\n",
    "rollcall.yaml:2:3: docker.host belongs to one machine and is no setting of a file",
    "Remove it here, and set the variable DOCKER_HOST.",
  ],
  [
    "cache: x\n",
    "rollcall.yaml:1:1: cache belongs to one machine and is no setting of a file",
    "Remove it here, and set the variable XDG_CACHE_HOME.",
  ],
  [
    "outdir: x\n",
    "rollcall.yaml:1:1: outdir belongs to one machine and is no setting of a file",
    "Remove it here, and set the variable CDKTF_OUTDIR.",
  ],
  ["- 1\n", "rollcall.yaml:1:1: the file is a list", "It takes names and values."],
  [
    "a: 1\n---\nb: 1\n",
    "rollcall.yaml:2:1: a second document begins here",
    "Write one file a platform, and choose it with `--config`.",
  ],
  [
    "x: &x { http: 1 }\nports: { <<: *x }\n",
    "rollcall.yaml:1:1: x is no setting. The settings here are catalog, consul, docker, ports, gateway, services, monitor, monitoring, prometheus, alerts, terraform, state, backup.\nrollcall.yaml:2:10: ports.<< is no setting. Write the values out: merge keys are not read.",
    "docs/reference/settings.md describes every setting.",
  ],
];

test.each(MISTAKES)("%j is refused with its line, and what to do", (text, message, remedy) => {
  expect(refusalOf(text)).toEqual([message, remedy]);
});

test("a name that is long, strange or a secret is not shown as it is", () => {
  expect(refusalOf("two words: 1\n")[0]).toBe('rollcall.yaml:1:1: "two words" is no setting');
  expect(refusalOf(`${"a".repeat(200)}: 1\n`)[0]).toBe(`rollcall.yaml:1:1: "${"a".repeat(80)}…" is no setting`);
  expect(refusalOf("AGE-SECRET-KEY-1GEHEIM: 1\n").join()).not.toContain("GEHEIM");
});

test("what is no YAML is refused with its line", () => {
  const [message, remedy] = refusalOf("ports:\n  http: [\n");
  expect(message).toMatch(/^rollcall\.yaml:\d+:\d+: /);
  expect(remedy).toBe("Correct the YAML.");
});

test("mistakes of the file are told all at once, in the order of their lines, before a state folder is made", () => {
  expect(refusalOf("ports: { http: x, https: y }\nconsul: { servers: 2 }\n")).toEqual([
    [
      `rollcall.yaml:1:16: ports.http is "x". ${WHOLE(1, 65535)}`,
      `rollcall.yaml:1:26: ports.https is "y". ${WHOLE(1, 65535)}`,
      "rollcall.yaml:2:20: consul.servers is 2. It takes 1 or 3 or 5.",
    ].join("\n"),
    "docs/reference/settings.md describes every setting.",
  ]);
});

test("two settings that contradict each other are named with their sources", () => {
  expect(refusalOf("ports:\n  http: 8501\n")[0]).toBe("ports.http (rollcall.yaml:2) and ports.https are both 8501");
  expect(refusalOf("ports:\n  http: 8600\n", { ROLLCALL_HTTPS_PORT: "8600" })[0]).toBe(
    "ports.http (rollcall.yaml:2) and ROLLCALL_HTTPS_PORT are both 8600",
  );
  expect(refusalOf("services:\n  coexist: true\n")[0]).toBe(
    "services.coexist (rollcall.yaml:2) is on, but services.networks names no network",
  );
});

test("a value that a variable goes before is not judged", () => {
  write("ports: { http: x }\n");
  expect(readSettings({ ROLLCALL_HTTP_PORT: "8600" }).httpPort).toBe(8600);
});

test.each([
  [{ ROLLCALL_CONFIG: "staging.yaml" }, "There is no settings file staging.yaml"],
  [{ ROLLCALL_CONFIG: "." }, "The settings file . cannot be read (EISDIR: illegal operation on a directory, read)"],
])("a file that is named and cannot be read is refused: %j", (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});

test("a file under a name that is nearly right is refused, not left out in silence", () => {
  write("consul: { servers: 5 }\n", "rollcall.yml");
  expect(() => readSettings({})).toThrow("rollcall.yml is not read: the settings file is rollcall.yaml");
});
