import { CONSUL_VERSION } from "./consul-version";
import { nearest } from "./nearest.cjs";
import { UserError } from "./user-error";

/**
 * The variables that shape what `up` applies, each with the value that says its default out loud. `up` records those
 * that are set, and takes a missing one for forgotten.
 */
export const KEPT_VARIABLES: Readonly<Record<string, string>> = {
  ROLLCALL_CATALOG: "service-catalog",
  ROLLCALL_SERVERS: "3",
  ROLLCALL_CONSUL_VERSION: CONSUL_VERSION,
  ROLLCALL_DATACENTER: "dc1",
  ROLLCALL_PREFIX: "none",
  ROLLCALL_HTTP_PORT: "8500",
  ROLLCALL_HTTPS_PORT: "8501",
  ROLLCALL_HTTP_HOSTS: "none",
  ROLLCALL_CONTROL_SUBNET: "172.30.241.0/24",
  ROLLCALL_PLATFORM_SUBNET: "172.30.242.0/24",
  ROLLCALL_WORKLOADS: "on",
  ROLLCALL_NETWORKS: "none",
  ROLLCALL_COEXIST: "off",
  ROLLCALL_RAFT_MULTIPLIER: "1",
  ROLLCALL_BACKUP_EVERY: "off",
  ROLLCALL_BACKUP_RECIPIENT: "none",
  ROLLCALL_BACKUP_KEEP: "30",
};

/** Those of a machine or of one run, which the next `up` may have otherwise. */
const OTHER_SETTINGS: readonly string[] = [
  "ROLLCALL_BACKEND",
  "ROLLCALL_STATE",
  "ROLLCALL_BACKUPS",
  "ROLLCALL_BACKUP_IDENTITY",
  "ROLLCALL_PROTECT",
  "ROLLCALL_ALLOW",
  "ROLLCALL_IMAGES",
  "ROLLCALL_PROVIDERS",
  "ROLLCALL_ENGINE",
  "ROLLCALL_TERRAFORM",
];

/** Read by something else than the verbs: an application, a workflow, the tests. */
const NOT_SETTINGS: readonly string[] = [
  "ROLLCALL_CA",
  "ROLLCALL_RUNNER",
  "ROLLCALL_TEST_CONSUL",
  "ROLLCALL_TEST_FROM",
  "ROLLCALL_TEST_INVENTORY",
  "ROLLCALL_TEST_PLATFORM",
  "ROLLCALL_TEST_PLATFORMS",
  "ROLLCALL_TEST_WAITS",
  "ROLLCALL_CHAOS_DOCKERD",
];

const SETTINGS = [...Object.keys(KEPT_VARIABLES), ...OTHER_SETTINGS];

/** Every name that begins with `ROLLCALL_` and means something. */
export const KNOWN_VARIABLES: ReadonlySet<string> = new Set([...SETTINGS, ...NOT_SETTINGS]);

const PREFIX = "ROLLCALL_";

/** `ROLCALL_`, `ROLL_CALL_`, `rollcall_`: nobody else's, where a setting's name follows. */
const LIKE_THE_PREFIX = /^ro?l{1,3}_?cal{1,3}s?_/i;

/**
 * A variable that was misspelt would be left out in silence. An empty one counts as not set, under any name.
 * @throws UserError with each such variable and the name that it most likely means
 */
export function refuseMisspelt(env: Readonly<Record<string, string | undefined>>): void {
  const set = Object.keys(env).filter((name) => (env[name] ?? "") !== "" && !KNOWN_VARIABLES.has(name));
  const meant = set.flatMap((name) => {
    if (name.startsWith(PREFIX)) return [[name, nearestSetting(name.slice(PREFIX.length))] as const];
    const setting = SETTINGS.find((each) => each === name.replace(LIKE_THE_PREFIX, PREFIX).toUpperCase());
    return setting === undefined ? [] : [[name, setting] as const];
  });
  if (meant.length === 0) return;
  throw new UserError(
    meant
      .map(
        ([name, setting]) => `There is no setting ${name}${setting === undefined ? "" : `: did you mean ${setting}?`}`,
      )
      .join("\n"),
    `Correct the name or \`unset ${meant.map(([name]) => name).join(" ")}\`. README.md, "Settings", has them all.`,
  );
}

/** By what follows `ROLLCALL_`: that part alone is no sign of what was meant. */
function nearestSetting(typed: string): string | undefined {
  const found = nearest(
    typed,
    SETTINGS.map((name) => name.slice(PREFIX.length).toLowerCase()),
  );
  return found === undefined ? undefined : `${PREFIX}${found.toUpperCase()}`;
}
