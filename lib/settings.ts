import { instanceOf, sharedInstance } from "./instance.js";
import { type Environment, keptOf, nameIn, type Settled, settle, type Values } from "./settings/in-effect.js";
import type { Key, OutsideVariable } from "./settings/table.js";
import { UserError } from "./user-error.js";

/** Where Terraform keeps the state: lib/backend/backend.ts has an entry for each. */
export type BackendName = Values["backend"];

/** Everything a person may set by the environment or the settings file, read once and passed on as props. */
export interface Settings extends Values {
  /** Whose containers, networks and volumes these are: the value of the label `rollcall.instance`. */
  readonly instance: string;
  /** Whether the number of servers is given: where it is not, `up` takes no server away. */
  readonly serversSet: boolean;
}

/**
 * The settings in effect: the environment goes before the settings file, and that before the defaults. An empty variable
 * counts as not set.
 * @throws UserError that names the variable or the line of the file, its value and what it takes
 */
export function readSettings(env: Environment = process.env): Settings {
  const settled = settle(env);
  refuseContradictions(settled);
  const { values } = settled;
  const serversSet = settled.settings.get("servers")?.source !== "default";
  // Last, for it makes the state folder where there is none.
  const instance = values.backend === "local" ? instanceOf(values.stateFolder) : sharedInstance(values.prefix);
  return Object.freeze({ ...values, serversSet, instance });
}

/** What no setting shows by itself. */
function refuseContradictions(settled: Settled): void {
  const { values } = settled;
  const named = (key: Key) => nameIn(settled, key);
  if (values.controlSubnet === values.platformSubnet)
    throw new UserError(
      `${named("controlSubnet")} and ${named("platformSubnet")} are both ${values.controlSubnet}`,
      "Give each network a /24 of its own.",
    );
  if (values.monitoring) {
    const other = (["controlSubnet", "platformSubnet"] as const).find((key) => values[key] === values.monitoringSubnet);
    if (other !== undefined)
      throw new UserError(
        `${named("monitoringSubnet")} and ${named(other)} are both ${values.monitoringSubnet}`,
        "Give each network a /24 of its own.",
      );
    if (!values.monitor)
      throw new UserError(
        `${named("monitoring")} is on, but ${named("monitor")} is off`,
        "Prometheus has what it knows of services from the monitor: switch it on, or Prometheus off.",
      );
  }
  if (values.receivers !== undefined && !values.monitoring)
    throw new UserError(
      `${named("receivers")} names whom alerts reach, but ${named("monitoring")} is off`,
      "Switch monitoring on, or take the receivers out: without it nobody is told.",
    );
  if (values.httpPort === values.httpsPort)
    throw new UserError(
      `${named("httpPort")} and ${named("httpsPort")} are both ${values.httpPort}`,
      "Give each a port of its own.",
    );
  if (values.coexist && values.networks.length === 0)
    throw new UserError(
      `${named("coexist")} is on, but ${named("networks")} names no network`,
      "Name the Docker networks on which the services that register themselves run.",
    );
  if (values.backupEverySeconds !== undefined && values.backupRecipients.length === 0)
    throw new UserError(
      `${named("backupEverySeconds")} is set, but ${named("backupRecipients")} is not, and a backup is never in clear`,
      "Set it to your age recipient (age1…). `npx rollcall backup --new-key FILE` makes a key pair for those who have none.",
    );
}

/**
 * The catalog's folder alone, for what reads nothing else: no state folder is made for it.
 * @throws UserError as `readSettings` does, but for what several settings say together
 */
export function readCatalogFolder(env: Environment = process.env): string {
  return settle(env).values.catalogFolder;
}

/**
 * The variables that shape what `up` applies and are given, by the environment or the file, in the variables' words. They
 * hold no secret.
 */
export function givenVariables(env: Environment = process.env): Readonly<Record<string, string>> {
  return keptOf(settle(env));
}

/** A setting for a message: its variable, or with a settings file its name there, with the line where it is in it. */
export function settingName(key: Key, env: Environment = process.env): string {
  return nameIn(settle(env), key);
}

/** A variable that Docker's client or Terraform reads as well; undefined where it is not set, or empty. */
export function outsideVariable(name: OutsideVariable, env: Environment = process.env): string | undefined {
  return env[name] || undefined;
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
    const value = env[name] ?? "";
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

/** `GITHUB_WORKSPACE`: where a job on GitHub has the repository; undefined elsewhere. */
export function readGitHubWorkspace(env: Environment = process.env): string | undefined {
  return env.GITHUB_WORKSPACE || undefined;
}

/** Chooses the settings file of this run, and of what it starts: `--config`. @param file its absolute path */
export function useSettingsFile(file: string): void {
  process.env.ROLLCALL_CONFIG = file;
}
