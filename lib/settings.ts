import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CONSUL_VERSION, CONSUL_VERSIONS, type ConsulVersion } from "./consul-version";
import { hostHeader } from "./host-header";
import { instanceOf, sharedInstance } from "./instance";
import { UserError } from "./user-error";
import { KEPT_VARIABLES, refuseMisspelt } from "./variables";

/** Where Terraform keeps the state: lib/backend/ has a file for each. */
export type BackendName = "local" | "pg";

/** Everything a person may set by the environment, read once and passed on as props. */
export interface Settings {
  /** Whose containers, networks and volumes these are: the value of the label `rollcall.instance`. */
  readonly instance: string;
  /** `ROLLCALL_PREFIX`: put before each container, network and volume name. @default "" */
  readonly prefix: string;
  /** `ROLLCALL_DATACENTER`: Consul's `datacenter`. @default "dc1" */
  readonly datacenter: string;
  /** `ROLLCALL_SERVERS`: number of Consul servers, 1, 3 or 5. @default 3 */
  readonly servers: number;
  /** Whether `ROLLCALL_SERVERS` is set: where it is not, `up` takes no server away. @default false */
  readonly serversSet: boolean;
  /** `ROLLCALL_CONSUL_VERSION`: the Consul that servers and agents run. @default "1.22.5" */
  readonly consulVersion: ConsulVersion;
  /** `ROLLCALL_CATALOG`: folder of the catalog's YAML files. @default "service-catalog" */
  readonly catalogFolder: string;
  /** `ROLLCALL_CONTROL_SUBNET`: the control plane's /24. @default "172.30.241.0/24" */
  readonly controlSubnet: string;
  /** `ROLLCALL_PLATFORM_SUBNET`: the services' /24. @default "172.30.242.0/24" */
  readonly platformSubnet: string;
  /** `ROLLCALL_HTTP_PORT`: the gateway's plain port on 127.0.0.1. @default 8500 */
  readonly httpPort: number;
  /** `ROLLCALL_HTTPS_PORT`: the gateway's TLS port on 127.0.0.1. @default 8501 */
  readonly httpsPort: number;
  /** `ROLLCALL_HTTP_HOSTS`: host names and addresses by which the gateway is called too, as Nginx compares them. @default - none */
  readonly httpHosts: readonly string[];
  /** `ROLLCALL_WORKLOADS`: `off` where the real services run. @default true */
  readonly workloads: boolean;
  /** `ROLLCALL_NETWORKS`: Docker networks that are there already, on which the real services run. @default - none */
  readonly networks: readonly string[];
  /** `ROLLCALL_COEXIST`: `on` while services there still register themselves without a token. @default false */
  readonly coexist: boolean;
  /** `ROLLCALL_RAFT_MULTIPLIER`: Consul's `raft_multiplier`, 1 (fast fail-over) to 10 (slow machines). @default 1 */
  readonly raftMultiplier: number;
  /** `ROLLCALL_PROTECT`: `off` where Terraform may destroy a server's data. @default true */
  readonly protect: boolean;
  /** `ROLLCALL_ALLOW`: dangers that `up` and `diff` let pass, comma-separated. @default - none */
  readonly allow: readonly string[];
  /** `ROLLCALL_IMAGES`: `official` or `built`. @default - tried once, then remembered */
  readonly images: "official" | "built" | undefined;
  /** `ROLLCALL_PROVIDERS`: `registry` or `mirror`. @default - tried once, then remembered */
  readonly providers: "registry" | "mirror" | undefined;
  /** `ROLLCALL_ENGINE`: `never` forbids installing and starting a Docker engine. @default "auto" */
  readonly engine: "auto" | "never";
  /** `ROLLCALL_TERRAFORM`: the Terraform binary, e.g. `tofu`. @default "terraform" */
  readonly terraform: string;
  /** `ROLLCALL_BACKEND`: where the Terraform state is, in the state folder or in PostgreSQL. @default "local" */
  readonly backend: BackendName;
  /** `ROLLCALL_STATE`: folder of the Terraform state, which holds every secret. @default "state" */
  readonly stateFolder: string;
  /** `CDKTF_OUTDIR`: where synth writes. @default "cdktf.out" */
  readonly outdir: string;
  /** `ROLLCALL_BACKUPS`: folder of the encrypted backups. @default "backups" */
  readonly backupFolder: string;
  /** `ROLLCALL_BACKUP_RECIPIENT`: age recipients to which backups are encrypted, with commas. @default - none */
  readonly backupRecipients: readonly string[];
  /** `ROLLCALL_BACKUP_IDENTITY`: the age key file with which `npm run restore` decrypts. @default - none */
  readonly backupIdentity: string | undefined;
  /** `ROLLCALL_BACKUP_KEEP`: how many backups stay. @default 30 */
  readonly backupKeep: number;
  /** `ROLLCALL_BACKUP_EVERY`: seconds between two scheduled backups, from e.g. `6h`. @default - none is made */
  readonly backupEverySeconds: number | undefined;
  /** `XDG_CACHE_HOME`/rollcall: what is built once. @default "~/.cache/rollcall" */
  readonly cacheFolder: string;
}

/** What `ROLLCALL_ALLOW` takes: docs/diff.md describes each. */
const DANGERS = ["server-data", "ca", "gossip-key", "servers-together", "removed-service"];

/** Docker's own networks: nobody on them is found by a name. `none` alone says that there is no network. */
const BUILT_IN = new Set(["bridge", "host", "none"]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The only reader of `process.env`. An empty variable counts as not set.
 * @throws UserError that names the variable, its value and what it takes, or the name that a misspelt one means
 */
export function readSettings(env: Environment = process.env): Settings {
  refuseMisspelt(env);
  const stateFolder = resolve(text(env, "ROLLCALL_STATE", "state"));
  const asked = {
    prefix: empty(
      matching(
        env,
        "ROLLCALL_PREFIX",
        "none",
        /^(none|[a-z][a-z0-9-]{0,15}-)$/,
        "lower-case letters, digits and a final -, such as two-, or none",
      ),
    ),
    datacenter: matching(env, "ROLLCALL_DATACENTER", "dc1", /^[a-z0-9][a-z0-9-]{0,30}$/, "a name like dc1"),
    servers: Number(oneOf(env, "ROLLCALL_SERVERS", ["1", "3", "5"], "3")),
    serversSet: text(env, "ROLLCALL_SERVERS", "") !== "",
    consulVersion: oneOf(env, "ROLLCALL_CONSUL_VERSION", CONSUL_VERSIONS, CONSUL_VERSION),
    catalogFolder: readCatalogFolder(env),
    controlSubnet: subnet(env, "ROLLCALL_CONTROL_SUBNET", "172.30.241.0/24"),
    platformSubnet: subnet(env, "ROLLCALL_PLATFORM_SUBNET", "172.30.242.0/24"),
    httpPort: integer(env, "ROLLCALL_HTTP_PORT", 8500, 1, 65535),
    httpsPort: integer(env, "ROLLCALL_HTTPS_PORT", 8501, 1, 65535),
    httpHosts: hostNames(env, "ROLLCALL_HTTP_HOSTS"),
    workloads: oneOf(env, "ROLLCALL_WORKLOADS", ["on", "off"], "on") === "on",
    networks: networkNames(env, "ROLLCALL_NETWORKS"),
    coexist: oneOf(env, "ROLLCALL_COEXIST", ["on", "off"], "off") === "on",
    raftMultiplier: integer(env, "ROLLCALL_RAFT_MULTIPLIER", 1, 1, 10),
    protect: oneOf(env, "ROLLCALL_PROTECT", ["on", "off"], "on") === "on",
    allow: wordsOf(env, "ROLLCALL_ALLOW", DANGERS),
    images: choice(env, "ROLLCALL_IMAGES", ["official", "built"]),
    providers: choice(env, "ROLLCALL_PROVIDERS", ["registry", "mirror"]),
    engine: oneOf(env, "ROLLCALL_ENGINE", ["auto", "never"] as const, "auto"),
    terraform: text(env, "ROLLCALL_TERRAFORM", "terraform"),
    backend: oneOf(env, "ROLLCALL_BACKEND", ["local", "pg"] as const, "local"),
    stateFolder,
    outdir: resolve(text(env, "CDKTF_OUTDIR", "cdktf.out")),
    backupFolder: resolve(text(env, "ROLLCALL_BACKUPS", "backups")),
    backupRecipients: recipients(env, "ROLLCALL_BACKUP_RECIPIENT"),
    backupIdentity: text(env, "ROLLCALL_BACKUP_IDENTITY", "") || undefined,
    backupKeep: integer(env, "ROLLCALL_BACKUP_KEEP", 30, 1, 100_000),
    backupEverySeconds: interval(env, "ROLLCALL_BACKUP_EVERY"),
    cacheFolder: join(text(env, "XDG_CACHE_HOME", join(homedir(), ".cache")), "rollcall"),
  };
  if (asked.controlSubnet === asked.platformSubnet)
    throw new UserError(
      `ROLLCALL_CONTROL_SUBNET and ROLLCALL_PLATFORM_SUBNET are both ${asked.controlSubnet}`,
      "Give each network a /24 of its own.",
    );
  if (asked.httpPort === asked.httpsPort)
    throw new UserError(
      `ROLLCALL_HTTP_PORT and ROLLCALL_HTTPS_PORT are both ${asked.httpPort}`,
      "Give each a port of its own.",
    );
  if (asked.coexist && asked.networks.length === 0)
    throw new UserError(
      "ROLLCALL_COEXIST is on, but ROLLCALL_NETWORKS names no network",
      "Name the Docker networks on which the services that register themselves run.",
    );
  if (asked.backupEverySeconds !== undefined && asked.backupRecipients.length === 0)
    throw new UserError(
      "ROLLCALL_BACKUP_EVERY is set, but ROLLCALL_BACKUP_RECIPIENT is not, and a backup is never in clear",
      "Set it to your age recipient (age1…). `npm run backup -- --new-key FILE` makes a key pair for those who have none.",
    );
  // Last, for it makes the state folder where there is none.
  const instance = asked.backend === "local" ? instanceOf(stateFolder) : sharedInstance(asked.prefix);
  return Object.freeze({ ...asked, instance });
}

/**
 * The catalog's folder alone, for what reads nothing else: no state folder is made for it.
 * @throws UserError for a misspelt variable
 */
export function readCatalogFolder(env: Environment = process.env): string {
  refuseMisspelt(env);
  return text(env, "ROLLCALL_CATALOG", "service-catalog");
}

/** The variables that shape what `up` applies and are set, as they were given. They hold no secret. */
export function givenVariables(env: Environment = process.env): Readonly<Record<string, string>> {
  const given = Object.keys(KEPT_VARIABLES).map((name) => [name, text(env, name, "")] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

/** What GitHub gives to a job of a workflow. */
export interface GitHubSettings {
  /** `GITHUB_API_URL`. */
  readonly apiUrl: string;
  /** `GITHUB_REPOSITORY`: owner/name. */
  readonly repository: string;
  /** `GITHUB_TOKEN`: one that may write comments or issues. */
  readonly token: string;
}

/** @throws UserError outside a job of a workflow */
export function readGitHub(env: Environment = process.env): GitHubSettings {
  const required = (name: string) => {
    const value = text(env, name, "");
    if (value === "")
      throw new UserError(`${name} is not set`, "This verb is for a job on GitHub (.github/workflows).");
    return value;
  };
  return {
    apiUrl: required("GITHUB_API_URL"),
    repository: required("GITHUB_REPOSITORY"),
    token: required("GITHUB_TOKEN"),
  };
}

function text(env: Environment, name: string, otherwise: string): string {
  return env[name] || otherwise;
}

/** `none` says out loud what an empty variable says: `up` then knows that it was not forgotten. */
function empty(value: string): string {
  return value === "none" ? "" : value;
}

function refuse(name: string, value: string, takes: string): never {
  throw new UserError(`${name} is ${JSON.stringify(value)}`, `It takes ${takes}.`);
}

function matching(env: Environment, name: string, otherwise: string, pattern: RegExp, takes: string): string {
  const value = text(env, name, otherwise);
  return pattern.test(value) ? value : refuse(name, value, takes);
}

function choice<T extends string>(env: Environment, name: string, words: readonly T[]): T | undefined {
  const value = text(env, name, "");
  return value === "" ? undefined : (words.find((word) => word === value) ?? refuse(name, value, words.join(" or ")));
}

function oneOf<T extends string>(env: Environment, name: string, words: readonly T[], otherwise: T): T {
  return choice(env, name, words) ?? otherwise;
}

function wordsOf(env: Environment, name: string, known: readonly string[]): readonly string[] {
  const words = text(env, name, "").split(",").filter(Boolean);
  return words.every((word) => known.includes(word))
    ? words
    : refuse(name, words.join(","), `a list with commas of ${known.join(", ")}`);
}

function networkNames(env: Environment, name: string): readonly string[] {
  const names = empty(text(env, name, ""))
    .split(",")
    .filter(Boolean);
  const isNetwork = (each: string) => /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(each) && !BUILT_IN.has(each);
  return names.every(isNetwork) && new Set(names).size === names.length
    ? names
    : refuse(
        name,
        names.join(","),
        "names of Docker networks in a list with commas, each once, or none alone; Docker's own (bridge, host) have no names in DNS",
      );
}

function hostNames(env: Environment, name: string): readonly string[] {
  const words = empty(text(env, name, ""))
    .split(",")
    .filter(Boolean);
  const hosts = words.map(
    (word) =>
      hostHeader(word) ??
      refuse(
        name,
        word,
        "host names or addresses in a list with commas, none with a scheme, a port or a path, such as consul.example.com; or none alone",
      ),
  );
  return [...new Set(hosts)];
}

function recipients(env: Environment, name: string): readonly string[] {
  const words = empty(text(env, name, ""))
    .split(",")
    .filter(Boolean);
  // The one mistake that would put a secret into a log: not quoted.
  if (words.some((each) => each.toUpperCase().startsWith("AGE-SECRET-KEY-")))
    throw new UserError(`${name} is a secret key`, "It takes the public one: age1….");
  return words.every((each) => /^age1[0-9a-z]+$/.test(each))
    ? words
    : refuse(name, words.join(","), "age recipients (age1…) in a list with commas, or none");
}

function interval(env: Environment, name: string): number | undefined {
  const value = text(env, name, "");
  if (value === "" || value === "off") return undefined;
  const [, number = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(value) ?? [];
  return number === ""
    ? refuse(name, value, "minutes, hours or days, such as 30m, 6h or 1d, or off")
    : Number(number) * (unit === "m" ? 60 : unit === "h" ? 3600 : 86_400);
}

function integer(env: Environment, name: string, otherwise: number, min: number, max: number): number {
  const value = text(env, name, String(otherwise));
  const number = Number(value);
  return /^\d+$/.test(value) && number >= min && number <= max
    ? number
    : refuse(name, value, `a whole number from ${min} to ${max}`);
}

function subnet(env: Environment, name: string, otherwise: string): string {
  const value = matching(env, name, otherwise, /^(\d{1,3}\.){3}0\/24$/, "a /24 like 172.30.241.0/24");
  const parts = value.split(/[./]/).slice(0, 3).map(Number);
  // Nobody's, this machine's alone, a link's alone, and those of no machine.
  const [first = 0, second = 0] = parts;
  const isUsable = ![0, 127].includes(first) && first < 224 && !(first === 169 && second === 254);
  return isUsable && parts.every((part) => part <= 255) && !/(^|\.)0\d/.test(value)
    ? value
    : refuse(name, value, "a /24 like 172.30.241.0/24");
}
