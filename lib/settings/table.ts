import * as z from "zod";
import { CONSUL_BEFORE, CONSUL_VERSION, CONSUL_VERSIONS } from "../consul-version.js";
import * as value from "./values.js";

/**
 * What a setting belongs to. `platform`: it shapes what `up` applies, which records it. `place`: where state, backups and
 * sources are. `run` and `machine`: to one run or one machine, and to no file that a repository holds.
 */
export type Kind = "platform" | "place" | "run" | "machine";

/** A setting: where it is given, and what it means. */
export interface Declaration {
  /** Its name in the file, such as `ports.http`; of a run's or a machine's the one under which it is shown. */
  readonly name: string;
  /** The environment variable that goes before the file. */
  readonly variable: string;
  readonly kind: Kind;
  /** In the words of the variable; of one that can be forgotten it says the default out loud. @default - none */
  readonly default?: string;
  /** What the documentation says in the default's place. @default - the default, or `none` */
  readonly defaultWords?: string;
  /** What it means, for documentation and editors. */
  readonly means: string;
  /** A page of docs/ that tells more. @default - none */
  readonly page?: string;
  /** Whether two platforms on one Docker host need different values. @default false */
  readonly isOwn?: boolean;
  /** Whether it is a path: in the file relative to the file, in a variable to the project. @default false */
  readonly isPath?: boolean;
  /** What the file may say for it under other names, for a better refusal. @default - none */
  readonly alsoCalled?: readonly string[];
  readonly fromText: (text: string) => unknown;
  /** The end of "It takes …". */
  readonly takes: string;
  readonly takesText?: string;
}

const declarations = z.registry<Declaration>();

function setting<Schema extends z.ZodType>(
  { schema, ...takes }: value.Value<Schema>,
  declaration: Omit<Declaration, keyof value.Value<Schema>>,
): Schema {
  declarations.add(schema, { ...declaration, ...takes });
  return schema;
}

/** What `ROLLCALL_ALLOW` takes: docs/diff.md describes each. */
const DANGERS = ["server-data", "ca", "gossip-key", "servers-together", "removed-service"] as const;

/** The groups of the file, in its order. */
export const GROUPS: Readonly<Record<string, string>> = {
  consul: "Consul's servers and agents",
  docker: "Names, networks and images on the Docker host",
  ports: "Where the gateway listens on 127.0.0.1",
  gateway: "The gateway to Consul's UI and API",
  services: "The services that the catalog declares",
  prometheus: "How long Prometheus keeps what it scraped",
  alerts: "From when on the alert rules tell somebody",
  terraform: "Terraform or OpenTofu",
  state: "The Terraform state, which holds every secret",
  backup: "Backups, encrypted to your age key",
};

/** Every setting, declared once: type, reader, the file's schema, documentation and tests come from here. */
export const TABLE = z.object({
  catalogFolder: setting(value.text("the path of a folder"), {
    ...{ name: "catalog", variable: "ROLLCALL_CATALOG", kind: "platform", default: "service-catalog", isPath: true },
    means: "Folder of the catalog's `*.yaml` files",
    page: "catalog.md",
  }),
  consulVersion: setting(value.oneOf(CONSUL_VERSIONS), {
    ...{ name: "consul.version", variable: "ROLLCALL_CONSUL_VERSION", kind: "platform", default: CONSUL_VERSION },
    means: `The Consul that servers and agents run; \`${CONSUL_BEFORE}\` is the one before`,
    page: "upgrade.md",
  }),
  datacenter: setting(value.matching(/^[a-z0-9][a-z0-9-]{0,30}$/, "a name like dc1"), {
    ...{ name: "consul.datacenter", variable: "ROLLCALL_DATACENTER", kind: "platform", default: "dc1" },
    means: "Consul's `datacenter`",
  }),
  servers: setting(value.oneOfNumbers([1, 3, 5]), {
    ...{ name: "consul.servers", variable: "ROLLCALL_SERVERS", kind: "platform", default: "3" },
    means: "Number of Consul servers: 1, 3 or 5. It can change at any time, but never back to 1",
    page: "operations.md#more-or-fewer-servers",
  }),
  raftMultiplier: setting(value.integer(1, 10), {
    ...{ name: "consul.raft_multiplier", variable: "ROLLCALL_RAFT_MULTIPLIER", kind: "platform", default: "1" },
    means: "Consul's `raft_multiplier`: 1 fails over in about 2 s, 5 suits slow machines",
  }),
  prefix: setting(value.prefix(), {
    ...{ name: "docker.prefix", variable: "ROLLCALL_PREFIX", kind: "platform", default: "none", isOwn: true },
    means: "Put before the name of every container, network and volume, such as `two-`",
  }),
  controlSubnet: setting(value.subnet(), {
    ...{ name: "docker.control_subnet", variable: "ROLLCALL_CONTROL_SUBNET", kind: "platform", isOwn: true },
    default: "172.30.241.0/24",
    means: "Subnet of the Docker network of the servers, the agent and the gateway, a /24",
  }),
  platformSubnet: setting(value.subnet(), {
    ...{ name: "docker.platform_subnet", variable: "ROLLCALL_PLATFORM_SUBNET", kind: "platform", isOwn: true },
    default: "172.30.242.0/24",
    means: "Subnet of the Docker network of the services, a /24",
  }),
  monitoringSubnet: setting(value.subnet(), {
    ...{ name: "docker.monitoring_subnet", variable: "ROLLCALL_MONITORING_SUBNET", kind: "platform", isOwn: true },
    default: "172.30.243.0/24",
    means:
      "Subnet of the Docker network in which Prometheus asks its probes, a /24. It is there where `monitoring` is on",
  }),
  images: setting(value.optional(value.oneOf(["official", "built"])), {
    ...{ name: "docker.images", variable: "ROLLCALL_IMAGES", kind: "place", defaultWords: "tried once, then kept" },
    means: "Whether images are pulled from a registry (`official`) or built on this machine (`built`)",
  }),
  httpPort: setting(value.integer(1, 65535), {
    ...{ name: "ports.http", variable: "ROLLCALL_HTTP_PORT", kind: "platform", default: "8500", isOwn: true },
    means: "The gateway's HTTP port on 127.0.0.1",
  }),
  httpsPort: setting(value.integer(1, 65535), {
    ...{ name: "ports.https", variable: "ROLLCALL_HTTPS_PORT", kind: "platform", default: "8501", isOwn: true },
    means: "The gateway's HTTPS port on 127.0.0.1",
  }),
  httpHosts: setting(value.hostNames(), {
    ...{ name: "gateway.hosts", variable: "ROLLCALL_HTTP_HOSTS", kind: "platform", default: "none" },
    means:
      "Further host names and addresses under which the gateway answers, without ports, such as that of a proxy before it. A request for another host than these, `localhost`, `127.0.0.1`, `[::1]` and `consul-ui` gets 421",
    page: "security.md#what-protects-what",
  }),
  workloads: setting(value.onOff(), {
    ...{ name: "services.workloads", variable: "ROLLCALL_WORKLOADS", kind: "platform", default: "on" },
    means: "Whether each declared service gets a stand-in container; off where the real services run",
  }),
  networks: setting(value.networkNames(), {
    ...{ name: "services.networks", variable: "ROLLCALL_NETWORKS", kind: "platform", default: "none" },
    means: "Docker networks on which the real services run: the agent joins them",
    page: "migration.md",
  }),
  coexist: setting(value.onOff(), {
    ...{ name: "services.coexist", variable: "ROLLCALL_COEXIST", kind: "platform", default: "off" },
    means: "On while services there still register themselves, without a token, at `staging-consul:8500`",
    page: "migration.md",
  }),
  monitor: setting(value.onOff(), {
    ...{ name: "monitor", variable: "ROLLCALL_MONITOR", kind: "platform", default: "on" },
    means:
      "Whether `consul-monitor` watches the platform, exports metrics and keeps the history of what changed. Off destroys that history",
    page: "monitoring.md",
  }),
  monitoring: setting(value.onOff(), {
    ...{ name: "monitoring", variable: "ROLLCALL_MONITORING", kind: "platform", default: "off" },
    means:
      "Whether Prometheus, Alertmanager and the blackbox exporter run beside the platform. They need `monitor`. Off destroys what Prometheus kept, and silences",
    page: "monitoring.md",
  }),
  retentionDays: setting(value.integer(1, 3650), {
    ...{ name: "prometheus.retention_days", variable: "ROLLCALL_RETENTION_DAYS", kind: "platform", default: "40" },
    means: "For how many days Prometheus keeps what it scraped; 31 at least where a service has an `slo`",
    page: "monitoring.md",
  }),
  retentionGigabytes: setting(value.integer(1, 10_000), {
    ...{ name: "prometheus.retention_gigabytes", variable: "ROLLCALL_RETENTION_GB", kind: "platform", default: "4" },
    means: "How many gigabytes Prometheus keeps at most; the oldest go first",
    page: "monitoring.md",
  }),
  cpuLimitPercent: setting(value.integer(1, 100), {
    ...{ name: "alerts.cpu_percent", variable: "ROLLCALL_ALERT_CPU", kind: "platform", default: "90" },
    means: "How much of the Docker host's processors may be busy, in percent, before the alert `HostCpu` fires",
    page: "monitoring.md",
  }),
  memoryLimitPercent: setting(value.integer(1, 100), {
    ...{ name: "alerts.memory_percent", variable: "ROLLCALL_ALERT_MEMORY", kind: "platform", default: "90" },
    means: "How much of the Docker host's memory may be used, in percent, before the alert `HostMemory` fires",
    page: "monitoring.md",
  }),
  diskLimitPercent: setting(value.integer(1, 100), {
    ...{ name: "alerts.disk_percent", variable: "ROLLCALL_ALERT_DISK", kind: "platform", default: "90" },
    means: "How much of the disk under Docker may be used, in percent, before the alert `HostDisk` fires",
    page: "monitoring.md",
  }),
  receivers: setting(value.fileOrNone("the path of a file with the receivers of alerts, or none"), {
    ...{ name: "alerts.receivers", variable: "ROLLCALL_RECEIVERS", kind: "platform", default: "none", isPath: true },
    means: "Whom Alertmanager tells besides the monitor: webhooks, Slack, PagerDuty, e-mail, by team and severity",
    page: "monitoring.md#receivers",
  }),
  terraform: setting(value.text("the name or the path of a program"), {
    ...{ name: "terraform.program", variable: "ROLLCALL_TERRAFORM", kind: "place", default: "terraform" },
    means: "The program, such as `tofu`",
  }),
  providers: setting(value.optional(value.oneOf(["registry", "mirror"])), {
    ...{ name: "terraform.providers", variable: "ROLLCALL_PROVIDERS", kind: "place" },
    defaultWords: "tried once, then kept",
    means: "Whether providers come from a registry or from a mirror that is built on this machine",
  }),
  backend: setting(value.oneOf(["local", "pg"]), {
    ...{ name: "state.backend", variable: "ROLLCALL_BACKEND", kind: "place", default: "local" },
    means: "Where the state is: `local` in `state.folder`, or `pg` for a PostgreSQL that several clones reach",
    page: "ci.md#a-state-that-a-pull-request-can-read",
  }),
  stateFolder: setting(value.folder(), {
    ...{ name: "state.folder", variable: "ROLLCALL_STATE", kind: "place", default: "state", isOwn: true, isPath: true },
    means: "Folder of the local state",
  }),
  backupFolder: setting(value.folder(), {
    ...{ name: "backup.folder", variable: "ROLLCALL_BACKUPS", kind: "place", default: "backups", isPath: true },
    means: "Folder of the encrypted backups; better one on another disk",
  }),
  backupEverySeconds: setting(value.interval(), {
    ...{ name: "backup.every", variable: "ROLLCALL_BACKUP_EVERY", kind: "platform", default: "off" },
    means: "How often a backup is made by itself, such as `30m`, `6h` or `1d`",
    page: "operations.md#scheduled",
  }),
  backupRecipients: setting(value.ageRecipients(), {
    ...{ name: "backup.recipients", variable: "ROLLCALL_BACKUP_RECIPIENT", kind: "platform", default: "none" },
    means: "Your public age keys (`age1…`): who can read the backups",
    page: "operations.md#backup",
  }),
  backupKeep: setting(value.integer(1, 100_000), {
    ...{ name: "backup.keep", variable: "ROLLCALL_BACKUP_KEEP", kind: "platform", default: "30" },
    means: "How many backups of this platform are kept",
  }),
  backupIdentity: setting(value.optional(value.keyFile()), {
    ...{ name: "backup.identity", variable: "ROLLCALL_BACKUP_IDENTITY", kind: "machine" },
    means: "Path of the file with the secret age key, with which `restore` decrypts",
    page: "operations.md#restore",
  }),
  engine: setting(value.oneOf(["auto", "never"]), {
    ...{ name: "docker.engine", variable: "ROLLCALL_ENGINE", kind: "machine", default: "auto" },
    means: "`never` forbids to install or start Docker",
    alsoCalled: ["engine"],
  }),
  outdir: setting(value.folder(), {
    ...{ name: "output", variable: "CDKTF_OUTDIR", kind: "machine", default: "cdktf.out", isOwn: true },
    means: "Folder into which the stacks are synthesized",
    alsoCalled: ["outdir", "terraform.outdir"],
  }),
  cacheFolder: setting(value.cache(), {
    ...{ name: "cache", variable: "XDG_CACHE_HOME", kind: "machine", default: "~/.cache" },
    means: "What is built once is in `rollcall` below this folder",
  }),
  protect: setting(value.onOff(), {
    ...{ name: "protect", variable: "ROLLCALL_PROTECT", kind: "run", default: "on" },
    means:
      "Off where Terraform may destroy a server's data volume, or the monitor's; `up` also needs `ROLLCALL_ALLOW=server-data`, `down` neither",
    alsoCalled: ["terraform.protect"],
  }),
  allow: setting(value.wordsOf(DANGERS), {
    ...{ name: "allow", variable: "ROLLCALL_ALLOW", kind: "run", default: "none" },
    means: "Dangers that `up` and `diff` let pass, with commas",
    page: "diff.md#what-up-shows-asks-and-refuses",
    alsoCalled: ["terraform.allow"],
  }),
});

/** A property of the settings. */
export type Key = keyof typeof TABLE.shape;

/** What the table declares under this name. */
export function declarationOf(key: Key): Declaration {
  const declaration = declarations.get(TABLE.shape[key]);
  if (declaration === undefined) throw new Error(`${key} is not declared`);
  return declaration;
}

/** The properties of the settings, in the table's order. */
export const KEYS: readonly Key[] = TABLE.keyof().options;

/** A variable that is read where no setting is, by us before any file, or by Docker's client or Terraform as well. */
interface Outside {
  readonly variable: string;
  /** The name under which it is shown, and refused in a file. */
  readonly name: string;
  readonly kind: "run" | "machine";
  readonly isSecret: boolean;
  readonly means: string;
}

/** The variables that no setting stands for. */
export const OUTSIDE = [
  {
    ...{ variable: "ROLLCALL_CONFIG", name: "config", kind: "run", isSecret: false },
    means: "The settings file, instead of `rollcall.yaml`; `none` for no file. `--config FILE` sets it for one run",
  },
  {
    ...{ variable: "DOCKER_HOST", name: "docker.host", kind: "machine", isSecret: false },
    means: "The engine that Docker's client asks",
  },
  {
    ...{ variable: "DOCKER_CONTEXT", name: "docker.context", kind: "machine", isSecret: false },
    means: "The context in which Docker's client finds its engine",
  },
  {
    ...{ variable: "TF_ENCRYPTION", name: "state.encryption", kind: "machine", isSecret: true },
    means: "How OpenTofu encrypts the state ([security](../security.md#the-state-at-rest)). Its value is not shown",
  },
  {
    ...{ variable: "TF_CLI_CONFIG_FILE", name: "terraform.config_file", kind: "machine", isSecret: false },
    means: "Terraform's own configuration file",
  },
  {
    ...{ variable: "TF_PLUGIN_CACHE_DIR", name: "terraform.plugin_cache", kind: "machine", isSecret: false },
    means: "Terraform's folder of downloaded providers, instead of `plugins` in the cache",
  },
] as const satisfies readonly Outside[];

/** A variable of `OUTSIDE`. */
export type OutsideVariable = (typeof OUTSIDE)[number]["variable"];

/** Whether a file may hold it. */
export function isInFile({ kind }: Pick<Declaration, "kind">): boolean {
  return kind === "platform" || kind === "place";
}

/**
 * The variables that shape what `up` applies, each with the value that says its default out loud. `up` records those
 * that are set, here or in the file, and takes a missing one for forgotten.
 */
export const KEPT_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  KEYS.map(declarationOf)
    .filter(({ kind }) => kind === "platform")
    .map((each) => [each.variable, each.default ?? "none"]),
);
