import type { Check } from "./checks";

/** Everything that the catalog folder declares, checked and with every default filled in. */
export interface Catalog {
  /** The teams, one a file, in the order of the file names. */
  readonly teams: readonly Team[];
  /** The services of all teams, team by team, each in the order of its file. */
  readonly services: readonly Service[];
}

/** The services of one file. */
export interface Team {
  readonly name: string;
  /** The file that declares it, as an error message would name it. */
  readonly file: string;
  readonly services: readonly Service[];
}

/** One service as it is to be registered in Consul. */
export interface Service {
  /** The team that owns it: lower case, digits and `-`. */
  readonly team: string;
  /** Its name and its id in Consul; unique in the whole catalog. */
  readonly name: string;
  /** Host name or IP address (IPv6 without brackets), with `{name}` already replaced. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The team's tags, then the service's own. */
  readonly tags: readonly string[];
  /** The team's pairs with the service's own over them; without `team`, which the definition adds. */
  readonly meta: Readonly<Record<string, string>>;
  readonly check: Check;
  /** How long it may stay critical before Consul drops it, such as `90s`; at least one minute. */
  readonly deregisterCriticalServiceAfter: string | "never";
}
